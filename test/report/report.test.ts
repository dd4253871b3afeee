import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { receiptOf } from '../../src/app/report.ts'
import type { Outcome } from '../../src/core/result.ts'
import { RunFacts } from '../../src/report/facts.ts'
import { MAX_ROWS, reportPage } from '../../src/report/report.ts'
import type { RunView } from '../../src/report/run-view.ts'
import { countsWith, HOSTILE, NOW, outcomeWith, runWith, UNSEEN } from './run.ts'

async function pageOf(run: RunView, outcomes: Iterable<Outcome>): Promise<string> {
  const facts = new RunFacts()
  const list = [...outcomes]
  for (const outcome of list) facts.add(outcome)
  let text = ''
  const data = { run, facts, receipt: receiptOf(run, undefined), outcomes: each(list), now: NOW, version: '1.2.3' }
  for await (const piece of reportPage(data)) text += piece
  return text
}

async function* each(outcomes: Iterable<Outcome>): AsyncGenerator<Outcome> {
  yield* outcomes
}

describe('a report', () => {
  it('has its parts in order', async () => {
    const page = await pageOf(runWith(), [outcomeWith()])
    expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map((match) => match[1])).toEqual([
      'Rows by status',
      'Failures',
      'Cost',
      'Batches over time',
      'Slowest batches',
      'Tokens and cost',
      'Cache and rounds',
      'Outputs',
      'Outcomes',
    ])
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).toMatch(/<\/html>\n$/)
    expect(page).toContain('Made by batchwright 1.2.3 at 2026-11-22 12:00:00 UTC.')
    expect(page).toContain('No row failed.')
  })

  it('allows itself its own style and script by their digests, and nothing else', async () => {
    const page = await pageOf(runWith(), [outcomeWith()])
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => digest(match[1] ?? ''))
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => digest(match[1] ?? ''))
    expect(policy).toBe(
      `default-src 'none'; style-src ${styles.join(' ')}; script-src ${scripts.join(' ')}; base-uri 'none'; form-action 'none'`,
    )
    expect([styles.length, scripts.length]).toEqual([1, 1])
    expect(page).not.toMatch(/(?:src|href)="|\sstyle="|\son\w+="|url\(|@import/)
  })

  it('takes nothing from outside as markup, wherever it stands', async () => {
    const run = runWith({
      job: HOSTILE,
      description: HOSTILE,
      model: HOSTILE,
      reason: HOSTILE,
      outputs: [{ type: 'jsonl', path: HOSTILE, rows: 1 }],
      requests: countsWith({ total: 1, errored: 1 }),
    })
    const error = { type: HOSTILE, message: HOSTILE }
    const page = await pageOf(run, [outcomeWith({ key: HOSTILE, text: HOSTILE, status: 'errored', error })])
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toContain('<img')
    expect(page.replaceAll('\n', '')).not.toMatch(UNSEEN)
    expect(page).toContain('[U+202E]gnp.exe')
  })

  it('cuts a cell of a megabyte', async () => {
    const page = await pageOf(runWith(), [
      outcomeWith({ key: 'k'.repeat(1e6), text: 'x'.repeat(1e6), output: { long: 'y'.repeat(1e6) } }),
      outcomeWith({ status: 'invalid', error: { type: 't'.repeat(1e5), message: 'z'.repeat(1e6) } }),
    ])
    expect(page.length).toBeLessThan(60_000)
    expect(page).toContain('more characters)')
  })

  it('embeds the first rows, says that there are more and reads no further', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Outcome> {
      for (;;) {
        read += 1
        yield outcomeWith({ key: `row-${read}` })
      }
    }
    const run = runWith({ requests: countsWith({ total: 1_000_000, succeeded: 1_000_000 }) })
    let rows = 0
    const data = { run, facts: new RunFacts(), receipt: [], outcomes: endless(), now: NOW, version: '1' }
    let text = ''
    for await (const piece of reportPage(data)) {
      rows += piece.split('<tr data-status=').length - 1
      if (piece.length < 5000) text += piece
    }
    expect([rows, read]).toEqual([MAX_ROWS, MAX_ROWS])
    expect(text).toContain('The first 2,000 of 1,000,000;')
  })

  it('tells failures by class, commonest first, with examples and what to do', async () => {
    const failed = (key: string, type: string): Outcome =>
      outcomeWith({ key, status: 'errored', error: { type, message: `${type} for ${key}` } })
    const page = await pageOf(runWith({ requests: countsWith({ total: 6, errored: 6 }) }), [
      failed('a', 'invalid_request_error'),
      ...['b', 'c', 'd', 'e', 'f'].map((key) => failed(key, 'overloaded_error')),
    ])
    expect(page.indexOf('overloaded_error</code> 5 rows')).toBeLessThan(
      page.indexOf('invalid_request_error</code> 1 row'),
    )
    expect(page).toContain('batchwright retry job-20261122-110000-abcd')
    expect(page).toContain('refuse the same requests again')
    expect(page.match(/overloaded_error for/g)).toHaveLength(3 + 5)
  })

  it('says that simulated answers cost nothing', async () => {
    const page = await pageOf(runWith({ local: true }), [outcomeWith()])
    expect(page).toContain('nothing was paid')
    expect(page).toContain('Total, had it been real')
  })

  it('stands for a run that has not begun', async () => {
    const run = runWith({
      status: 'planned',
      batches: [],
      outputs: [],
      started_at: null,
      finished_at: null,
      cost_usd: null,
      estimated_usd: null,
      requests: countsWith({ total: 3, pending: 3 }),
    })
    const page = await pageOf(run, [])
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
    expect(page).toContain('No row has an outcome yet.')
  })
})

describe('the facts of a run', () => {
  it('stay small when a provider invents an error type for every row', () => {
    const facts = new RunFacts()
    for (let row = 0; row < 10_000; row += 1) {
      facts.add(outcomeWith({ status: 'errored', error: { type: `error-${row}`, message: 'x'.repeat(10_000) } }))
    }
    const classes = facts.failures()
    expect(classes.length).toBeLessThan(70)
    expect(classes[0]).toMatchObject({ type: 'other', count: 10_000 - 60 })
    expect(JSON.stringify(classes).length).toBeLessThan(100_000)
  })

  it('counts rows that used the cache or were asked again', () => {
    const facts = new RunFacts()
    const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 5, cache_read_input_tokens: 0 }
    facts.add(outcomeWith({ usage, rounds: 2 }))
    facts.add(outcomeWith({ usage: { ...usage, cache_creation_input_tokens: 0, cache_read_input_tokens: 5 } }))
    expect([facts.rows, facts.againRows, facts.cacheReadRows, facts.cacheWriteRows]).toEqual([2, 1, 1, 1])
  })
})

describe('the receipt', () => {
  const price = { input: 2, output: 10, cacheRead: 0.2, cacheWrite5m: 2.5, cacheWrite1h: 4 }
  const usage = { input_tokens: 1e6, output_tokens: 1e5, cache_creation_input_tokens: 1e6, cache_read_input_tokens: 0 }
  const model = { prices: [price], batchFactor: 0.5 } as unknown as Parameters<typeof receiptOf>[1]

  it('adds up to the total, and gives what tokens do not explain a line', () => {
    const lines = receiptOf({ usage, cost_usd: 4 }, model)
    expect(lines.map(({ what, usd }) => [what.split(':')[0], usd])).toEqual([
      ['Input', 1],
      ['Output', 0.5],
      ['Written to the cache', 1.25],
      ['Other', 1.25],
    ])
  })

  it('tells tokens only where the price depends on the prompt or is unknown', () => {
    const banded = { ...model, prices: [price, price] } as Parameters<typeof receiptOf>[1]
    for (const lines of [receiptOf({ usage, cost_usd: 4 }, banded), receiptOf({ usage, cost_usd: null }, undefined)]) {
      expect(lines.map(({ usd }) => usd)).toEqual([null, null, null])
    }
  })
})
