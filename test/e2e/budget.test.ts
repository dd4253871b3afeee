import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 80
const job = (budget: string, inFlight = 4, more = '') => `
model: claude-sonnet-5
params: { max_tokens: 100 }
dataset: { type: csv, path: data/rows.csv, key: "{{id}}" }
prompt: "Say something about {{text}}"
sinks: [{ type: jsonl, path: out/answers.jsonl, select: all }]
batch: { max_requests: 10, max_in_flight: ${inFlight} }
budget: { ${budget} }
gate: { max_error_rate: 1 }
${more}`

interface Summary {
  readonly run_id: string
  readonly cost_usd: number
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
  readonly requests: { readonly succeeded: number; readonly pending: number }
  readonly receipt: Readonly<Record<string, number>>
}

describe('a budget', () => {
  let project: Project
  let emulator: RunningEmulator
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await project.run(['run', 'job.yaml', '--json', ...args], { env: emulator.env })
    return { code, stderr, summary: (stdout === '' ? {} : JSON.parse(stdout)) as Summary }
  }

  beforeEach(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project)
    // Rows of very different size: what one batch costs says little about the next.
    const rows = Array.from(
      { length: ROWS },
      (_, row) => `r${row},${row} ${'words and 文字 '.repeat(1 + ((row * 37) % 90))}\n`,
    )
    await project.write('data/rows.csv', `id,text\n${rows.join('')}`)
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  for (const inFlight of [1, 4, 16]) {
    it(`is never exceeded with ${inFlight} batches in flight, and the run goes on with a larger one`, async () => {
      await project.write('job.yaml', job('max_usd: 0.03', inFlight))
      await emulator.faults([{ on: 'request', rate: 0.1, attempts: 1, do: { error: 'overloaded_error' } }])
      const { code, stderr, summary } = await run()
      expect(code).toBe(4)
      expect(stderr).toContain('more than budget.max_usd 0.03: it will stop before its end')
      expect(stderr).toContain('of the budget of 0.03 USD are spent')
      // The emulator's own count, at the batch price of the model by hand: 1 USD and 5 USD for a million tokens.
      const spent = (summary.usage.input_tokens * 1 + summary.usage.output_tokens * 5) / 1e6
      expect(summary.cost_usd).toBeCloseTo(spent, 12)
      expect(spent).toBeLessThanOrEqual(0.03)
      expect(spent).toBeGreaterThan(0.024)
      if (inFlight === 1) return
      const { code: resumed } = await project.run(['resume', summary.run_id, '--max-usd', '5'], { env: emulator.env })
      // Three: some answers are cut off at max_tokens.
      expect(resumed).toBe(3)
      expect((await emulator.stats()).paid_more_than_once).toEqual([])
    })
  }

  it('holds for follow-ups too: repairs, more room, retries, and rounds with large results of tools', async () => {
    await project.write('words.mjs', "export const look = () => 'a long result, '.repeat(400)\n")
    const more = [
      'retry: { max_attempts: 4, truncated: { grow: 2, max_tokens: 200 } }',
      'output: { schema: { type: object, properties: { word: { enum: [long, short] } }, required: [word], additionalProperties: false } }',
      'tools: [{ name: look, input_schema: { type: object, properties: {} }, handler: { module: words.mjs, export: look } }]',
      'max_rounds: 3',
    ].join('\n')
    await project.write('job.yaml', job('max_usd: 0.15', 4, more))
    await emulator.faults([
      { on: 'request', match: 'about \\d*[0-2] ', attempts: 1, do: { truncated: true } },
      { on: 'request', match: 'about \\d*[3-5] ', attempts: 2, do: { invalid_json: true } },
      { on: 'request', match: 'about \\d*[67] ', attempts: 1, do: { error: 'overloaded_error' } },
    ])
    const { code, summary } = await run()
    expect(code).toBe(4)
    const spent = (summary.usage.input_tokens * 1 + summary.usage.output_tokens * 5) / 1e6
    expect(summary.cost_usd).toBeCloseTo(spent, 12)
    expect(spent).toBeLessThanOrEqual(0.15)
    for (const kind of ['truncation_usd', 'repairs_usd', 'rounds_usd', 'retries_usd'])
      expect(summary.receipt[kind], kind).toBeGreaterThan(0)
    expect(summary.receipt.batch_usd).toBeCloseTo(summary.cost_usd, 9)
    expect(summary.receipt.list_usd).toBeCloseTo(summary.cost_usd * 2, 9)
  })

  it('cannot be kept for a model whose price nobody knows, until the job says it', async () => {
    await project.write('job.yaml', job('max_usd: 1').replace('claude-sonnet-5', 'claude-sonnet-9'))
    const refused = await project.run(['plan', 'job.yaml'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/job\.yaml:\d+:\d+/)
    expect(refused.stderr).toContain('The price of claude-sonnet-9 is not known')
    const priced = await project.run([
      'plan',
      'job.yaml',
      '--json',
      '--set',
      'prices={claude-sonnet-9: {input: 2, output: 10}}',
    ])
    expect(priced.code).toBe(0)
    expect(JSON.parse(priced.stdout).estimated.usd).toBeGreaterThan(0)
  })
})

describe('costs that a person should know of', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject()
    await project.write('data/rows.csv', 'id,text\n1,one\n2,two\n')
  })
  afterEach(() => project.remove())
  const plan = async (yaml: string) => {
    await project.write('job.yaml', `dataset: data/rows.csv\nprompt: "{{text}}"\nsinks: [out.jsonl]\n${yaml}`)
    return project.run(['plan', 'job.yaml', '--json'])
  }

  it('are unknown for an unknown model, never 0, and said so', async () => {
    const { code, stdout, stderr } = await plan('model: claude-sonnet-9\n')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).estimated).toMatchObject({ usd: null, usd_max: null })
    expect(stderr).toContain('What claude-sonnet-9 costs is not known')
  })

  it('come with the successor of a deprecated model', async () => {
    const { stderr } = await plan('model: claude-sonnet-4-5\n')
    const isOver = Date.now() >= Date.parse('2026-11-30')
    expect(stderr).toContain(isOver ? 'was retired on 2026-11-30' : 'is deprecated and retires on 2026-11-30')
    expect(stderr).toContain('claude-sonnet-5-5')
  })

  it('tell of caching that cannot pay, and of a mark that does nothing', async () => {
    const long = 'A rule that is to be kept. '.repeat(300)
    const short = await plan('model: claude-sonnet-5\nsystem: { text: Be brief., cache: 1h }\n')
    expect(short.stderr).toContain('caches none shorter than 1024: the mark does nothing')
    const rare = await plan(`model: claude-sonnet-5\nsystem: { text: "{{id}} ${long}", cache: 1h }\n`)
    expect(rare.stderr).toContain('"cache" cannot pay here: a prefix that is written must be read twice')
    await project.write(
      'data/rows.csv',
      `id,text\n${Array.from({ length: 60 }, (_, row) => `${row},x${row}\n`).join('')}`,
    )
    const shared = await plan(`model: claude-sonnet-5\nsystem: { text: "${long}", cache: 1h }\n`)
    expect(shared.stderr).toBe('')
    expect(JSON.parse(shared.stdout).estimated.cache_saved_usd).toBeGreaterThan(0)
  })

  it('have beside them what the model cannot hold: surely, and perhaps', async () => {
    const long = (words: number) => 'word '.repeat(words)
    await project.write('data/rows.csv', `id,text\n1,${long(900_000)}\n2,${long(600_000)}\n3,short\n`)
    const { code, stdout, stderr } = await plan('model: claude-haiku-5-5\n')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      requests: 2,
      rejected: [{ reason: expect.stringContaining('can hold 1,000,000') }],
    })
    expect(stderr).toContain('1 prompt may be longer than the 1,000,000 tokens that claude-haiku-5-5 can hold')
  })

  it('are only told where nobody can be asked, and need a yes where somebody can', async () => {
    const emulator = await startEmulatorProcess(project)
    try {
      await plan('model: claude-sonnet-5\nbudget: { max_usd: 5, confirm_above_usd: 0.000001 }\n')
      const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
      expect(code).toBe(0)
      expect(stderr).toContain('This run will likely cost')
      const yes = await project.run(['run', 'job.yaml', '--yes'], { env: emulator.env })
      expect(yes.stderr).not.toContain('This run will likely cost')
      const questions: string[] = []
      const answered = (answer: boolean) =>
        project.run(['run', 'job.yaml', '--new'], {
          env: emulator.env,
          async ask(question) {
            questions.push(question)
            return answer
          },
        })
      const before = (await emulator.stats()).calls.create
      const refused = await answered(false)
      expect([refused.code, (await emulator.stats()).calls.create]).toEqual([2, before])
      expect(refused.stderr).toContain('Not started, as you said. No batch was sent.')
      expect((await project.run(['runs', '--json'])).stdout.match(/"run_id"/g)).toHaveLength(2)
      expect((await answered(true)).code).toBe(0)
      expect(questions).toEqual(
        Array(2).fill(expect.stringMatching(/^This run will likely cost \S+ USD, at most .* Go on\?$/)),
      )
    } finally {
      await emulator.stop()
    }
  })
})
