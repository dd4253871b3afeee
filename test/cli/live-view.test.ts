import { describe, expect, it } from 'vitest'
import type { RunView } from '../../src/app.ts'
import { cut, renderLive } from '../../src/cli/live-view.ts'
import type { BatchState, RunHeader } from '../../src/core/run.ts'
import { displayWidth } from '../../src/core/safe-text.ts'
import { initialState } from '../../src/run/machine.ts'
import { NO_STATUSES } from '../../src/run/tally.ts'

const NOW = Date.parse('2026-11-22T08:00:00Z')
const MINUTE = 60_000

describe('the live view', () => {
  for (const columns of [80, 120]) {
    it(`is as reviewed at ${columns} columns`, async () => {
      const text = renderLive(underWay(), sized(columns), NOW).join('\n')
      await expect(`${text}\n`).toMatchFileSnapshot(`../golden/cli/live-${columns}.txt`)
    })
  }

  it('is never wider than the terminal, however narrow', () => {
    for (let columns = 20; columns <= 130; columns += 1) {
      for (const line of renderLive(underWay(), sized(columns), NOW))
        expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    }
  })

  it('lets nothing in a run’s name move the cursor', () => {
    const view = underWay()
    const hostile = { ...view, header: { ...view.header, run: 'a\u001b[2Jb\nc\u202e' } as RunHeader }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    for (const line of renderLive(hostile, sized(80), NOW)) expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
  })

  it('names no price where none is known, and no cost where none arises', () => {
    const view = underWay()
    const header = { ...view.header, estimate: { ...view.header.estimate, usd: null, usdMax: null } }
    const states = view.states.map((state) => ({ ...state, tally: { ...state.tally, costUsd: null } }))
    expect(renderLive({ ...view, header, states, maxUsd: null, outUsdMax: 0 }, sized(120), NOW)[2]).toBe(
      'Cost      unknown: the model has no price',
    )
    expect(renderLive({ ...view, header: { ...header, local: true } }, sized(120), NOW)[2]).toContain('simulated')
  })

  it('counts the open batches that it does not list', () => {
    const view = underWay()
    const many = Array.from({ length: 30 }, (_, index) => out(index, 'submitted', 3 * MINUTE))
    const lines = renderLive({ ...view, states: many }, sized(120), NOW)
    expect(lines).toContain('  and 22 batches more')
    expect(lines.length).toBeLessThan(20)
  })

  it('lists fewer batches in a low window, and keeps what can be done', () => {
    for (const rows of [24, 16, 13, 10]) {
      const lines = renderLive(underWay(), { columns: 80, rows }, NOW)
      expect(lines.length).toBeLessThan(rows)
      expect(lines.at(-1)).toContain('Ctrl-C')
    }
  })

  it('says what an interrupt leads to, and what is done at the end', () => {
    const view = underWay()
    expect(renderLive(view, sized(80), NOW, true).at(-1)).toBe(
      'Stopping: what is in hand is finished. Ctrl-C again stops at once.',
    )
    const done = view.states.map((state): BatchState => ({ ...state, phase: 'done' }))
    expect(renderLive({ ...view, states: done }, sized(80), NOW).at(-1)).toContain('being delivered')
  })
})

describe('cut', () => {
  it('counts wide characters twice and marks what is missing', () => {
    expect(cut('abcdef', 6)).toBe('abcdef')
    expect(cut('abcdefg', 6)).toBe('abcde…')
    expect(cut('漢字漢字', 6)).toBe('漢字…')
  })
})

function underWay(): RunView {
  const states = [
    done(0),
    out(1, 'submitted', 42 * MINUTE),
    out(2, 'submitted', 41 * MINUTE),
    out(3, 'ended', 40 * MINUTE),
  ]
  states.push({ ...planned(4), phase: 'submitting', submittingSince: NOW - 2000 }, planned(5))
  const header = {
    run: 'summarize-pdfs-20261122-071500-x7k2',
    createdAt: NOW - 43 * MINUTE,
    local: false,
    rows: 6100,
    requests: 6000,
    rejected: 20,
    reused: 80,
    estimate: { inputTokens: 1, outputTokensMax: 1, usd: 3.104, usdMax: 7.2 },
  } as RunHeader
  return { header, states, nextPollAt: NOW + 12_000, maxUsd: 10, outUsdMax: 2.4 }
}

function planned(index: number): BatchState {
  return initialState({ index, requests: 1000, bytes: 392_325, digest: 'd' } as RunHeader['batches'][number])
}

function out(index: number, phase: 'submitted' | 'ended', ago: number): BatchState {
  const createdAt = NOW - ago
  const remote = {
    id: `msgbatch_01Hk7rTqL2vWcXyZ3mN8pQ${index}`,
    createdAt,
    expiresAt: createdAt + 1440 * MINUTE,
    confirmed: true,
  }
  return { ...planned(index), phase, remote }
}

function done(index: number): BatchState {
  const statuses = { ...NO_STATUSES, succeeded: 996, invalid: 3, expired: 1 }
  const state = planned(index)
  return { ...state, phase: 'done', tally: { ...state.tally, statuses, costUsd: 0.5172 } }
}

function sized(columns: number) {
  return { columns, rows: 40 }
}
