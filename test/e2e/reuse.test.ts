import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const JOB = `
model: claude-haiku-5-5
params: { max_tokens: 64 }
dataset: { type: csv, path: data/rows.csv, key: "{{id}}" }
prompt: "Is this positive? {{text}}"
sinks: [{ type: jsonl, path: out/answers.jsonl, select: all }]
batch: { max_requests: 150 }
reuse: true
`
const ROWS = 400

interface Answer {
  readonly key: string
  readonly custom_id: string
  readonly status: string
  readonly text: string
  readonly cost_usd: number
  readonly attempts: number
  readonly batch_id: string
  readonly row: { readonly id: string }
}

describe('answers of earlier runs', () => {
  let project: Project
  let emulator: RunningEmulator
  const run = (...args: string[]) => project.run(['run', 'job.yaml', ...args], { env: emulator.env })
  const plan = async (...args: string[]) => {
    const { stdout, stderr } = await project.run(['plan', 'job.yaml', '--json', ...args], { env: emulator.env })
    expect(stderr).toBe('')
    return JSON.parse(stdout) as { requests: number; reused: number; new_because?: Record<string, number> }
  }
  const writeRows = (text: (row: number) => string, rows = ROWS) =>
    project.write(
      'data/rows.csv',
      `id,text\n${Array.from({ length: rows }, (_, row) => `r${row},${text(row)}\n`).join('')}`,
    )
  const answered = async () => (await emulator.stats()).requests.accepted ?? 0

  beforeEach(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project)
    await project.write('job.yaml', JOB)
    await writeRows((row) => `text number ${row}`)
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  it('are delivered again without a request, in dataset order, and cost nothing', async () => {
    expect((await run()).code).toBe(0)
    const first = await project.lines<Answer>('out/answers.jsonl')
    const second = await run('--json')
    expect(second.code).toBe(0)
    expect(await answered()).toBe(ROWS)
    expect(JSON.parse(second.stdout)).toMatchObject({
      requests: { total: ROWS, succeeded: 0, reused: ROWS, pending: 0 },
      batches: [],
      cost_usd: 0,
    })
    const again = await project.lines<Answer>('out/answers.jsonl')
    expect(again.map(({ key, text, status, custom_id, batch_id }) => [key, text, status, custom_id, batch_id])).toEqual(
      first.map(({ key, text, status, custom_id, batch_id }) => [key, text, status, custom_id, batch_id]),
    )
    expect(again.every(({ cost_usd, attempts }) => cost_usd === 0 && attempts === 0)).toBe(true)
    const shown = await project.run(['show', JSON.parse(second.stdout).run_id, 'r7', '--json'])
    expect(JSON.parse(shown.stdout).outcome).toMatchObject({ key: 'r7', status: 'succeeded', text: first[7]?.text })
    // Rows that are new are told apart by the run before, though that asked nothing itself.
    expect(await plan('--set', 'prompt=Why? {{text}}')).toMatchObject({ new_because: { prompt_changed: ROWS } })
    // The second run holds copies, so the run that asked may be removed.
    const { runs } = JSON.parse((await project.run(['runs', '--json'])).stdout) as { runs: { run_id: string }[] }
    await rm(project.path(`.batchwright/runs/${runs[1]?.run_id}`), { recursive: true })
    expect(await plan()).toMatchObject({ requests: 0, reused: ROWS })
  })

  it('are found whatever the key and the order of the rows; only what changed is asked', async () => {
    await run()
    await writeRows((row) => (row % 100 === 7 ? `changed ${row}` : `text number ${row}`), ROWS + 2)
    expect(await plan()).toMatchObject({ requests: 6, reused: ROWS - 4, new_because: { new_row: 2, row_changed: 4 } })
    expect((await run()).code).toBe(0)
    expect(await answered()).toBe(ROWS + 6)
    const answers = await project.lines<Answer>('out/answers.jsonl')
    expect(answers.map(({ key }) => key)).toEqual(Array.from({ length: ROWS + 2 }, (_, row) => `r${row}`))
    expect(answers[107]?.text).toContain('changed 107')
  })

  it('are not taken for another prompt, model or local trial, nor against the will of the user', async () => {
    await run()
    expect(await plan('--set', 'prompt=Why? {{text}}')).toMatchObject({
      reused: 0,
      new_because: { prompt_changed: ROWS },
    })
    expect(await plan('--set', 'model=claude-sonnet-5')).toMatchObject({
      reused: 0,
      new_because: { model_changed: ROWS },
    })
    expect(await plan('--set', 'params.max_tokens=65')).toMatchObject({ new_because: { params_changed: ROWS } })
    expect(await plan('--local')).toMatchObject({ requests: ROWS, reused: 0, new_because: { new_row: ROWS } })
    expect(await plan('--no-reuse')).toMatchObject({ requests: ROWS, reused: 0 })
    const { stdout } = await project.run(['plan', 'job.yaml'], { env: emulator.env })
    expect(stdout).toContain('Reused from earlier runs: 400 rows; none is asked.')
  })

  it('never include a failure', async () => {
    await emulator.faults([{ on: 'request', match: 'number (1|2|3)\\b', do: { refusal: true } }])
    expect((await run()).code).toBe(3)
    await emulator.faults([])
    expect(await plan()).toMatchObject({ requests: 3, reused: ROWS - 3, new_because: { failed_before: 3 } })
    expect((await run()).code).toBe(0)
    const answers = await project.lines<Answer>('out/answers.jsonl')
    expect(answers.every(({ status }) => status === 'succeeded')).toBe(true)
  })
})
