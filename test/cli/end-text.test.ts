import { describe, expect, it } from 'vitest'
import type { Failures, RunSummary } from '../../src/app.ts'
import { failureText } from '../../src/cli/failure-text.ts'
import { stopText } from '../../src/cli/stop-text.ts'
import { outputTable, placeOf } from '../../src/cli/summary-text.ts'

const RUN = 'summarize-pdfs-20261122-071500-x7k2'

describe('what is said of failures', () => {
  const failures: Failures = {
    classes: [
      { status: 'expired', type: 'expired', rows: 1200, example: { key: 'a b', message: 'Not processed in time.' } },
      { status: 'errored', type: 'invalid_request_error', rows: 7, example: { key: 'r2', message: 'too\nlong' } },
      { status: 'invalid', type: 'schema', rows: 2, example: { key: 'r3', message: 'x'.repeat(500) } },
      { status: 'refused', type: 'refusal', rows: 1, example: { key: 'r4', message: '' } },
    ],
    others: 5,
  }

  it('names the three commonest with an example each, counts the rest, and tells what to do', () => {
    expect(failureText(RUN, failures, 80)).toBe(
      [
        'The commonest failures:',
        '  1,200 rows expired, such as a b:',
        '    Not processed in time.',
        '  7 rows errored (invalid_request_error), such as r2:',
        '    too long',
        '  2 rows invalid (schema), such as r3:',
        `    ${'x'.repeat(75)}…`,
        '  and 6 of other kinds',
        'What to do next:',
        `  see one     batchwright show ${RUN} 'a b'`,
        `  see all     batchwright export ${RUN} --to failed.csv --select failed`,
        `  ask again   batchwright retry ${RUN}`,
        '',
      ].join('\n'),
    )
  })

  it('lets no key and no message of a row reach the terminal as more than text', () => {
    const example = { key: "\u001b[31m'; rm -rf /", message: '\u001b]0;title\u0007\u202ehidden' }
    const text = failureText(RUN, { classes: [{ status: 'errored', type: 'api', rows: 1, example }], others: 0 }, 120)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(text).toContain(`show ${RUN} '[U+001B][31m'\\''; rm -rf /'`)
    expect(text).toContain('[U+001B]]0;title[U+0007][U+202E]hidden')
  })

  it('does not offer to ask rows again that were rejected before they were sent', () => {
    const example = { key: 'r1', message: 'The file is gone.' }
    const text = failureText(
      RUN,
      { classes: [{ status: 'rejected', type: 'rejected', rows: 1, example }], others: 0 },
      80,
    )
    expect(text).not.toContain('retry')
  })
})

describe('what is said to somebody who leaves', () => {
  const batch = { index: 0, attempt: 1, requests: 1000, bytes: 1, created_at: null, ended_at: null, expires_at: null }
  const summary = {
    run_id: RUN,
    cost_usd: 1.5,
    batches: [
      { ...batch, batch_id: 'msgbatch_1', phase: 'submitted' },
      { ...batch, batch_id: null, phase: 'planned' },
    ],
  } as unknown as RunSummary

  it('names what goes on, what it may cost, and the two commands', () => {
    const view = { outUsdMax: 2.4 } as Parameters<typeof stopText>[1]['view']
    expect(stopText(summary, { run: RUN, view, local: false })).toBe(
      [
        '1 batch with 1,000 requests goes on at the provider, whether or not anyone waits.',
        'That may cost up to 2.40 USD more. 1.50 USD are spent so far.',
        '1 batch is not sent yet.',
        `  go on with    batchwright resume ${RUN}`,
        `  give up with  batchwright cancel ${RUN}`,
        '',
      ].join('\n'),
    )
  })

  it('says so when nothing is at the provider', () => {
    const text = stopText(
      { ...summary, batches: summary.batches.slice(1) },
      { run: RUN, view: undefined, local: false },
    )
    expect(text).toContain('Nothing is at the provider')
  })
})

describe('where the outputs are', () => {
  it('is a folder for the sink of many files, not its template', () => {
    expect(placeOf({ type: 'files', path: 'out/pages/{{row.subject}}/{{key}}.md', rows: 3 })).toBe('out/pages/')
    expect(placeOf({ type: 'files', path: '{{key}}.md', rows: 3 })).toBe('./')
    expect(placeOf({ type: 'jsonl', path: 'out/a.jsonl', rows: 3 })).toBe('out/a.jsonl')
  })

  it('is a table with the counts to the right', () => {
    const outputs = [
      { type: 'jsonl', path: 'out/summaries.jsonl', rows: 1997 },
      { type: 'files', path: 'out/{{key}}.md', rows: 1 },
    ]
    expect(outputTable(outputs)).toBe('  out/summaries.jsonl  1,997 rows\n  out/                     1 file\n')
  })
})
