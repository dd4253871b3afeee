// A run and its outcomes for the pages' tests, made by hand.

import type { Outcome } from '../../src/core/result.ts'
import type { BatchView, RunView } from '../../src/report/run-view.ts'

export const NOW = Date.parse('2026-11-22T12:00:00.000Z')

/** What somebody may put into a key, a row, an answer or a file's name. */
export const HOSTILE =
  '</style></script></textarea><script>document.title="run"</script><img src=x onerror=\'document.title="run"\'>" onmouseover="x` \u001b[31mred\u001b[0m \u202egnp.exe\u202c\u2066\u200e\u200b\u{e0041}\0\ud800'

/** Controls, marks that reorder text, and what takes no room; line feeds too. */
export const UNSEEN = /\p{Cc}|[\u200b\u200e\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/u

export function outcomeWith(over: Partial<Outcome> = {}): Outcome {
  return {
    key: 'row-1',
    custom_id: 'row-1-abc123-000001',
    status: 'succeeded',
    output: null,
    text: 'An answer.',
    stop_reason: 'end_turn',
    model: 'claude-haiku-5-5',
    usage: { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    cost_usd: 0.0004,
    attempts: 1,
    rounds: 1,
    batch_id: 'msgbatch_1',
    error: null,
    row: { id: 1 },
    ...over,
  }
}

export function batchWith(over: Partial<BatchView> = {}): BatchView {
  return {
    batch_id: 'msgbatch_1',
    index: 0,
    attempt: 1,
    requests: 10,
    bytes: 12_345,
    phase: 'done',
    created_at: '2026-11-22T11:00:00.000Z',
    ended_at: '2026-11-22T11:30:00.000Z',
    collected_at: '2026-11-22T11:31:00.000Z',
    expires_at: null,
    ...over,
  }
}

export function runWith(over: Partial<RunView> = {}): RunView {
  return {
    run_id: 'job-20261122-110000-abcd',
    job: 'job',
    status: 'completed',
    requests: countsWith({ total: 1, succeeded: 1 }),
    batches: [batchWith()],
    usage: { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    cost_usd: 0.0004,
    estimated_usd: 0.0005,
    outputs: [{ type: 'jsonl', path: 'out/answers.jsonl', rows: 1 }],
    started_at: '2026-11-22T11:00:00.000Z',
    finished_at: '2026-11-22T11:31:00.000Z',
    local: false,
    model: 'claude-haiku-5-5',
    reason: null,
    budget_usd: null,
    planned_at: NOW,
    ...over,
  }
}

export function countsWith(over: Partial<RunView['requests']>): RunView['requests'] {
  return {
    total: 0,
    succeeded: 0,
    incomplete: 0,
    refused: 0,
    invalid: 0,
    errored: 0,
    expired: 0,
    canceled: 0,
    rejected: 0,
    reused: 0,
    pending: 0,
    ...over,
  }
}
