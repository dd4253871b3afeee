import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 60
const JOB = `
model: claude-haiku-5-5
params: { max_tokens: 64, stop_sequences: [END], metadata: { user_id: u } }
dataset: { type: csv, path: rows.csv, key: "{{id}}" }
prompt: "Question {{id}}: {{text}}"
sinks: [out.jsonl]
batch: { max_requests: 25 }
`

interface Estimated {
  readonly input_tokens: number
  readonly input_tokens_low: number
  readonly input_tokens_high: number
  readonly counted?: { readonly requests: number; readonly factor: number }
}

describe('tokens that the provider counts', () => {
  let project: Project
  let emulator: RunningEmulator
  const plan = async (env: Readonly<Record<string, string>>, ...args: string[]) => {
    const { code, stdout, stderr } = await project.run(['plan', 'job.yaml', '--json', ...args], { env })
    const estimated = stdout === '' ? undefined : (JSON.parse(stdout).estimated as Estimated)
    return { code, stderr, estimated }
  }
  const calls = async () => (await emulator.stats()).calls

  beforeAll(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project)
    const rows = Array.from({ length: ROWS }, (_, row) => `r${row},${'Wie ist das Wetter? '.repeat(1 + (row % 7))}\n`)
    await project.write('rows.csv', `id,text\n${rows.join('')}`)
    await project.write('job.yaml', JOB)
  })
  afterAll(async () => {
    await emulator.stop()
    await project.remove()
  })

  it('are those of a few requests where there is a key, and of all with --exact, which is what a run then uses', async () => {
    await emulator.faults([{ on: 'count_tokens', nth: [2], do: { status: 429, retry_after: 0 } }])
    const sampled = await plan(emulator.env)
    expect(sampled.estimated?.counted?.requests).toBeLessThan(16)
    expect((await calls()).count_tokens).toBe((sampled.estimated?.counted?.requests ?? 0) + 1)
    const exact = await plan(emulator.env, '--exact')
    expect(exact.estimated?.counted?.requests).toBe(ROWS)
    expect(exact.estimated?.input_tokens_low).toBe(exact.estimated?.input_tokens_high)
    const { stderr, stdout } = await project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
    const { usage } = JSON.parse(stdout) as { usage: { input_tokens: number } }
    expect(exact.estimated?.input_tokens).toBe(usage.input_tokens)
    expect(Math.abs((sampled.estimated?.input_tokens ?? 0) / usage.input_tokens - 1)).toBeLessThan(0.1)
    expect(stderr).toMatch(/The provider counted \d+ of 60 requests: \d\.\d\d times/)
    expect((await calls()).create).toBe(3)
  })

  it('are not wanted without a key, asked for in vain without one, and given up where the provider cannot count', async () => {
    const keyless = await plan({ ANTHROPIC_BASE_URL: emulator.url })
    expect(keyless.estimated?.counted).toBeUndefined()
    expect(keyless.stderr).toBe('')
    const inVain = await plan({ ANTHROPIC_BASE_URL: emulator.url }, '--exact')
    expect(inVain.code).toBe(2)
    expect(inVain.stderr).toContain('ANTHROPIC_API_KEY is not set')
    await emulator.faults([{ on: 'count_tokens', do: { status: 404 } }])
    const unable = await plan(emulator.env)
    expect(unable.code).toBe(0)
    expect(unable.stderr).toContain('The provider could not count tokens, so they are estimated from sizes (404')
    expect(unable.estimated).toEqual(keyless.estimated)
    expect((await plan(emulator.env, '--exact')).code).toBe(1)
  })
})
