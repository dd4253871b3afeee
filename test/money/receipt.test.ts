// Money as the program tells it, against the emulator's own count of tokens.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

interface Usage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
}
interface Summary {
  readonly run_id: string
  readonly usage: Usage
  readonly cost_usd: number
  readonly receipt: Readonly<Record<string, number>>
}
interface Row {
  readonly usage: Usage
  readonly cost_usd: number
}

const sum = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0)

describe('the estimate', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject({ examples: true })
  })
  afterEach(() => project.remove())

  it('of the output is taken from an earlier run where there is one', async () => {
    const run = await project.run(['run', 'jobs/classify-tickets.yaml', '--local', '--json', '--quiet'])
    const { usage } = JSON.parse(run.stdout) as Summary
    const { stdout } = await project.run(['plan', 'jobs/classify-tickets.yaml', '--json', '--local'])
    const told = JSON.parse(stdout).estimated.output_tokens / usage.output_tokens
    expect(told).toBeGreaterThan(0.97)
    expect(told).toBeLessThan(1.03)
  })
})

describe('the receipt', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject()
    const rows = Array.from({ length: 120 }, (_, row) => `r${row},text number ${row}\n`)
    await project.write('rows.csv', `id,text\n${rows.join('')}`)
  })
  afterEach(() => project.remove())

  it('counts each answer once, however often the process is killed', async () => {
    const emulator = await startEmulatorProcess(project, ['--batch-seconds', '0.5'])
    try {
      await emulator.faults([{ on: 'request', rate: 0.2, attempts: 1, do: { error: 'overloaded_error' } }])
      await project.write(
        'job.yaml',
        'model: claude-haiku-5-5\ndataset: { type: csv, path: rows.csv, key: "{{id}}" }\nprompt: "About {{text}}"\nsinks: [{ type: jsonl, path: out.jsonl, select: all }]\nbatch: { max_requests: 20, max_in_flight: 3 }\n',
      )
      for (const killAfterMs of [500, 700, 900])
        await project.run(['run', 'job.yaml', '--json'], { env: emulator.env, killAfterMs })
      const last = await project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
      expect(last.code).toBe(0)
      const summary = JSON.parse(last.stdout) as Summary
      const rows = await project.lines<Row>('out.jsonl')
      expect(rows).toHaveLength(120)
      expect(summary.usage.input_tokens).toBe(sum(rows, (row) => row.usage.input_tokens))
      expect(summary.usage.output_tokens).toBe(sum(rows, (row) => row.usage.output_tokens))
      expect(summary.cost_usd).toBeCloseTo(
        sum(rows, (row) => row.cost_usd),
        12,
      )
      // 0.05 and 0.25 USD for a million tokens in a batch, twice that at list price.
      const byHand = (summary.usage.input_tokens * 0.05 + summary.usage.output_tokens * 0.25) / 1e6
      expect(summary.cost_usd).toBeCloseTo(byHand, 12)
      expect(summary.receipt.list_usd).toBeCloseTo(byHand * 2, 12)
      expect(summary.receipt.retries_usd).toBeGreaterThan(0)
      const stats = await emulator.stats()
      expect(stats.requests.succeeded).toBe(120)
      expect(stats.paid_more_than_once).toEqual([])
    } finally {
      await emulator.stop()
    }
  })

  it('tells what caching saved, by the reads and writes that were counted', async () => {
    const emulator = await startEmulatorProcess(project)
    try {
      const rules = 'A rule that is to be kept by all who answer. '.repeat(100)
      await project.write(
        'job.yaml',
        `model: claude-sonnet-5\ndataset: { type: csv, path: rows.csv, key: "{{id}}", limit: 40 }\nsystem: { text: "${rules}", cache: 1h }\nprompt: "About {{text}}"\nsinks: [out.jsonl]\n`,
      )
      const shown = await project.run(['plan', 'job.yaml', '--show', '1'])
      expect(shown.stdout).toContain('"cache_control"')
      const { stdout, stderr } = await project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
      const { usage, cost_usd, receipt } = JSON.parse(stdout) as Summary
      expect(usage.cache_read_input_tokens).toBeGreaterThan(0)
      // One USD for a million tokens in a batch; writes for an hour double it, reads are a tenth.
      const saved = (usage.cache_read_input_tokens * 0.9 - usage.cache_creation_input_tokens * 1) / 1e6
      expect(receipt.cache_saved_usd).toBeCloseTo(saved, 12)
      expect((receipt.batch_usd ?? 0) - cost_usd).toBeCloseTo(saved, 12)
      const status = JSON.parse((await project.run(['status', '--json'])).stdout)
      expect(status.cache).toMatchObject({
        read_tokens: usage.cache_read_input_tokens,
        write_tokens: usage.cache_creation_input_tokens,
        saved_usd: receipt.cache_saved_usd,
      })
      const { expected_read_tokens: reads, expected_write_tokens: writes } = status.cache
      expect(reads / (reads + writes)).toBeCloseTo((39 * 0.6) / 40, 2)
      expect(stderr).toMatch(/Without caching the batch price is \S+ USD; the list price is/)
      expect(stderr).toMatch(/Cache: \d+ % of the marked tokens were read, forecast 59 %; it saved/)
      await project.run(['report', '--out', 'report.html'])
      expect(await project.read('report.html')).toMatch(/Cache: \d+ % of the marked tokens were read, forecast 59 %/)
    } finally {
      await emulator.stop()
    }
  })
})
