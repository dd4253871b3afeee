import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes, counted, duration, short, usd } from '../../src/report/figures.ts'
import { histogram } from '../../src/report/histogram.ts'
import { LogBins } from '../../src/report/log-bins.ts'
import { percent, statusBar } from '../../src/report/status-bar.ts'
import { ticksOf, timeline } from '../../src/report/timeline.ts'
import { batchWith, countsWith, NOW } from './run.ts'

describe('a histogram', () => {
  it('counts every value in the one bin that holds it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { maxLength: 50 }), (values) => {
        const filled = new LogBins()
        for (const value of values) filled.add(value)
        for (const { from, to, count } of filled.bins())
          expect(values.filter((value) => value >= from && value < to)).toHaveLength(count)
        expect(filled.bins().reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length)
      }),
    )
  })

  it('puts powers of two into the bins that they begin', () => {
    const filled = new LogBins()
    for (let exponent = -40; exponent <= 40; exponent += 1) filled.add(2 ** exponent)
    expect(filled.bins().every((bin) => bin.count === 1)).toBe(true)
  })

  it('keeps zeros, and what is no number, out of the bins and tells ranks with them', () => {
    const filled = new LogBins()
    for (const value of [0, 0, Number.NaN, 3, 100]) filled.add(value)
    expect([filled.zeros, filled.values, filled.max]).toEqual([3, 5, 100])
    expect([filled.atMost(0.5), filled.atMost(0.8), filled.atMost(1)]).toEqual([0, 4, 100])
  })

  it('draws a dozen bars at most, whatever the span of the values', () => {
    const filled = new LogBins()
    for (let exponent = -30; exponent <= 30; exponent += 1) filled.add(2 ** exponent)
    const bars = histogram(filled, 'wide').text.match(/class="hbar"/g) ?? []
    expect(bars.length).toBeGreaterThan(3)
    expect(bars.length).toBeLessThanOrEqual(12)
    expect(histogram(new LogBins(), 'none').text).toContain('Nothing to show')
  })
})

describe('the bar of statuses', () => {
  it('shows one row of a million, and fits its box', () => {
    const svg = statusBar(countsWith({ total: 1_000_000, succeeded: 999_999, errored: 1 })).text
    const widths = [...svg.matchAll(/width="([\d.]+)"/g)].map((match) => Number(match[1]))
    expect(Math.min(...widths)).toBeGreaterThan(3)
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(1000, 0)
    expect(svg).toContain('&lt; 0.1 %')
  })

  it('never rounds to all or nothing', () => {
    expect([percent(0, 10), percent(1, 1e6), percent(999_999, 1e6), percent(10, 10), percent(1, 3)]).toEqual([
      '0 %',
      '< 0.1 %',
      '> 99.9 %',
      '100 %',
      '33.3 %',
    ])
  })
})

describe('the timeline', () => {
  it('draws a line for each trip, out ones up to now', () => {
    const out = batchWith({ index: 1, phase: 'submitted', ended_at: null, collected_at: null })
    const svg = timeline([batchWith(), out], NOW).text
    expect(svg).toContain('batch 0, attempt 1: 30 min at the provider, collected 1 min later')
    expect(svg).toContain('batch 1, attempt 1: out for 1 h')
    expect(svg).not.toContain('NaN')
  })

  it('draws batches that began and ended in the same instant', () => {
    const at = '2026-11-22T11:00:00.000Z'
    expect(timeline([batchWith({ created_at: at, ended_at: at, collected_at: at })], NOW).text).not.toContain('NaN')
    expect(timeline([batchWith({ created_at: null })], NOW).text).toContain('No batch has been sent yet')
  })

  it('draws so many lines and says that there are more', () => {
    const many = Array.from({ length: 400 }, (_, index) => batchWith({ index }))
    const svg = timeline(many, NOW).text
    expect(svg.match(/class="tspan"/g)).toHaveLength(120)
    expect(svg).toContain('The first 120 of 400 trips.')
  })

  it('has a handful of ticks from milliseconds to weeks', () => {
    for (const length of [1, 90, 1000, 61_000, 3_600_000, 90_000_000, 3_000_000_000]) {
      expect(ticksOf(length).length, String(length)).toBeLessThanOrEqual(6)
    }
  })
})

describe('figures', () => {
  it('are written as people read them', () => {
    expect([short(0), short(999), short(1234), short(999_960), short(5_600_000)]).toEqual([
      '0',
      '999',
      '1.2k',
      '1M',
      '5.6M',
    ])
    expect([bytes(12), bytes(12_345), bytes(200_000_000)]).toEqual(['12 B', '12 kB', '200 MB'])
    expect([usd(null), usd(0), usd(0.000012345), usd(0.25), usd(12.5)]).toEqual([
      'unknown',
      '$0.00',
      '$0.000012',
      '$0.2500',
      '$12.50',
    ])
    expect([duration(1200), duration(59_700), duration(3_599_999), duration(90_000_000)]).toEqual([
      '1.2 s',
      '1 min',
      '1 h',
      '25 h',
    ])
    expect([counted(1, 'row'), counted(2000, 'batch')]).toEqual(['1 row', '2,000 batches'])
  })
})
