// A provider that takes a batch twice, of one call that it never answered: as a gateway does that repeats calls.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts'

const JOB = `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
prompt: "Say {{id}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
`

interface Summary {
  readonly run_id: string
  readonly surplus?: readonly { readonly batch_id: string; readonly besides: string; readonly is_ours: boolean }[]
}

describe('a batch that the provider took twice', () => {
  let project: Project
  let emulator: RunningEmulator
  let proxy: RecordingProxy
  beforeEach(async () => {
    project = await createProject()
    await project.write('rows.jsonl', '{"id":"a"}\n{"id":"b"}\n')
    await project.write('job.yaml', JOB)
    emulator = await startEmulatorProcess(project, ['--batch-seconds', '8', '--answers', 'echo'])
    proxy = await startRecordingProxy(emulator.url)
  })
  afterEach(async () => {
    await proxy.close()
    await emulator.stop()
    await project.remove()
  })

  /** Runs the job with its first call cut off, and repeats that call; answers what `run --json` printed, and the twin. */
  async function runTwice(secondsBetween: number): Promise<{ summary: Summary; stderr: string; twin: string }> {
    proxy.forget()
    await emulator.faults([{ on: 'create', nth: [1], do: { cut: 'after' } }])
    const before = (await emulator.stats()).batches.length
    const env = { ...emulator.env, ANTHROPIC_BASE_URL: proxy.url }
    const running = project.run(['run', 'job.yaml', '--new', '--no-reuse', '--json'], { env })
    while ((await emulator.stats()).batches.length === before) await new Promise((resolve) => setTimeout(resolve, 20))
    await emulator.advance(secondsBetween)
    const [create] = proxy.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/batches'))
    const twin = await fetch(`${emulator.url}${create?.path}`, {
      method: 'POST',
      headers: { 'x-api-key': 'sk-test', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: create?.body ?? '',
    })
    const { id } = (await twin.json()) as { id: string }
    await emulator.advance(secondsBetween === 0 ? 10 : 8 - secondsBetween)
    const { code, stdout, stderr } = await running
    expect(code, stderr).toBe(0)
    return { summary: JSON.parse(stdout) as Summary, stderr, twin: id }
  }

  it('is shown as paid twice, with both ids, as soon as its custom_ids prove it', async () => {
    const { summary, stderr, twin } = await runTwice(0)
    expect(summary.surplus).toMatchObject([{ index: 0, attempt: 1, requests: 2, is_ours: true }])
    const ids = [summary.surplus?.[0]?.batch_id, summary.surplus?.[0]?.besides]
    expect(ids).toContain(twin)
    expect(stderr).toContain(`Paid twice: ${ids[0]} (2 requests`)
    expect(stderr).toContain(`holds the same requests as batch 0 (${ids[1]})`)
    const status = await project.run(['status', summary.run_id])
    expect(status.stdout).toContain(`Paid twice: ${ids[0]}`)
    await project.run(['report', summary.run_id, '--out', 'report.html'])
    expect(await project.read('report.html')).toContain(`Paid twice: ${ids[0]}`)
  })

  it('is told with the command that cancels it while it runs, for nobody can know then', async () => {
    const { summary, stderr, twin } = await runTwice(4)
    expect(summary.surplus).toMatchObject([{ batch_id: twin, is_ours: false }])
    const command = `batchwright batches cancel ${twin}`
    expect(stderr).toContain(command)
    expect((await project.run(['status', summary.run_id])).stdout).toContain(command)
    const canceled = await project.run(command.split(' ').slice(1), { env: emulator.env })
    expect(canceled.code, canceled.stderr).toBe(0)
  })
})
