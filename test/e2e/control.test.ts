// How people steer a run: detach, cancel, interrupt, retry, a second process, a poll for many batches.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 20

function jobText(extra = ''): string {
  return `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
prompt: "Say {{id}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
${extra}`
}

describe('a person who steers a run', () => {
  let project: Project
  let emulator: RunningEmulator
  const start = async (seconds: string, job = jobText('batch: { max_requests: 5 }')): Promise<void> => {
    emulator = await startEmulatorProcess(project, ['--batch-seconds', seconds, '--answers', 'echo'])
    await project.write('job.yaml', job)
    await project.write(
      'rows.jsonl',
      Array.from({ length: ROWS }, (_, at) => `${JSON.stringify({ id: `k${at}` })}\n`).join(''),
    )
  }
  beforeEach(async () => {
    project = await createProject()
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  /** Waits until the provider has a batch. */
  const submitted = async (): Promise<void> => {
    while ((await emulator.stats()).batches.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  const stop = async (
    child: ReturnType<Project['start']>,
    signal: NodeJS.Signals,
  ): Promise<{ code: number | null; stderr: string }> => {
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const closed = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
    await submitted()
    child.kill(signal)
    return { code: await closed, stderr }
  }

  it('leaves with Ctrl-C, is told how to go on, and goes on', async () => {
    await start('0.8')
    const { code, stderr } = await stop(project.start(['run', 'job.yaml'], { env: emulator.env }), 'SIGINT')
    expect(code, stderr).toBe(130)
    expect(stderr).toContain('Stopped.')
    expect(stderr).toMatch(/batchwright resume job-/)
    expect(stderr).toMatch(/batchwright cancel job-/)
    const status = await project.run(['status', '--json'])
    expect(JSON.parse(status.stdout).status).toBe('interrupted')
    const resumed = await project.run(['resume'], { env: emulator.env })
    expect(resumed.code, resumed.stderr).toBe(0)
    expect((await emulator.stats()).calls.create).toBe(4)
    expect(await project.lines('out.jsonl')).toHaveLength(ROWS)
  })

  it('detaches once all is submitted and collects later', async () => {
    await start('600')
    const detached = await project.run(['run', 'job.yaml', '--detach', '--json'], { env: emulator.env })
    expect(detached.code, detached.stderr).toBe(0)
    expect(JSON.parse(detached.stdout)).toMatchObject({ status: 'detached', requests: { pending: ROWS } })
    await emulator.advance(600)
    // As a scheduled collector does: what has ended is collected, and nothing is waited for.
    const resumed = await project.run(['resume', 'job', '--detach', '--json'], { env: emulator.env })
    expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'completed', requests: { succeeded: ROWS } })
  })

  it('cancels, keeps what was answered, and asks only the rest again with retry', async () => {
    await start('600')
    await project.run(['run', 'job.yaml', '--detach'], { env: emulator.env })
    const canceled = await project.run(['cancel', '--json'], { env: emulator.env })
    expect(canceled.code, canceled.stderr).toBe(0)
    const document = JSON.parse(canceled.stdout)
    expect(document.status).toBe('canceled')
    expect(document.requests.succeeded + document.requests.canceled).toBe(ROWS)
    expect(document.requests.canceled).toBeGreaterThan(0)
    const outcomes = await project.lines('out.jsonl')
    expect(outcomes).toHaveLength(ROWS)
    await emulator.faults([])
    let isOver = false
    const retrying = project.run(['retry', '--json'], { env: emulator.env }).finally(() => {
      isOver = true
    })
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await emulator.advance(700)
    }
    const retried = await retrying
    expect(retried.code, retried.stderr).toBe(0)
    expect(JSON.parse(retried.stdout)).toMatchObject({
      status: 'completed',
      requests: { succeeded: ROWS, canceled: 0 },
    })
    expect((await emulator.stats()).paid_more_than_once).toEqual([])
    expect((await project.lines('out.jsonl')).map(({ status }) => status)).toEqual(Array(ROWS).fill('succeeded'))
  })

  it('cancels in the process that works on the run, when another one asks for it', async () => {
    await start('600', jobText('batch: { max_requests: 5, poll: 5m }'))
    await emulator.faults([{ on: 'cancel', nth: [1], do: { status: 529 } }])
    const first = project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
    await submitted()
    const asked = await project.run(['cancel', '--json'], { env: emulator.env })
    expect(asked.code, asked.stderr).toBe(0)
    expect(asked.stderr).toMatch(/Process \d+ on \S+ since \S+ works on the run and is asked to cancel it/)
    const worked = await first
    expect(worked.code, worked.stderr).toBe(3)
    expect(worked.stderr).toContain('Cancelling, as asked from another process.')
    expect(worked.stderr).toContain('Not cancelled yet')
    expect(JSON.parse(asked.stdout)).toEqual(JSON.parse(worked.stdout))
    expect(JSON.parse(asked.stdout).status).toBe('canceled')
    expect((await emulator.stats()).calls.cancel).toBe(5)
  })

  it('is refused with a second process, by name of the first, and takes over from a dead one at once', async () => {
    await start('600')
    const first = project.start(['run', 'job.yaml'], { env: emulator.env })
    await submitted()
    const second = await project.run(['resume'], { env: emulator.env })
    expect(second.code).toBe(2)
    expect(second.stderr).toContain(`process ${first.pid}`)
    expect(second.stderr).not.toContain('Resuming')
    const both = await project.run(['resume', '--adopt', '1=msgbatch_x', '--resubmit', '1'])
    expect(both.code).toBe(2)
    expect(both.stderr).toContain('Batch 1 is given to both --adopt and --resubmit')
    const closed = new Promise((resolve) => first.on('close', resolve))
    first.kill('SIGKILL')
    await closed
    await emulator.advance(700)
    const third = await project.run(['resume'], { env: emulator.env })
    expect(third.code, third.stderr).toBe(0)
    expect((await emulator.stats()).calls.create).toBe(4)
  })

  it('pays one list call for a poll of fifty batches', async () => {
    await start('1', jobText('batch: { max_requests: 1, max_in_flight: 50 }'))
    await project.write(
      'rows.jsonl',
      Array.from({ length: 50 }, (_, at) => `${JSON.stringify({ id: `k${at}` })}\n`).join(''),
    )
    const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
    expect(code, stderr).toBe(0)
    const { calls } = await emulator.stats()
    expect(calls.create).toBe(50)
    expect(calls.list).toBeLessThan(40)
    // One retrieve for each results download, to learn its address; none for polling.
    expect(calls.retrieve).toBeLessThanOrEqual(50)
  })

  it('is refused under another key or another base URL', async () => {
    await start('600')
    await project.run(['run', 'job.yaml', '--detach'], { env: emulator.env })
    const { code, stderr } = await project.run(['resume'], { env: { ...emulator.env, ANTHROPIC_API_KEY: 'sk-other' } })
    expect(code).toBe(2)
    expect(stderr).toContain('fingerprint')
    expect(stderr).not.toContain('sk-other')
  })

  it('stops at the error gate before the rest is paid for', async () => {
    await start('0.04', jobText('batch: { max_requests: 5, max_in_flight: 1 }\ngate: { max_error_rate: 0.4 }'))
    await emulator.faults([{ on: 'request', match: 'k[0-4]\\b', do: { error: 'invalid_request_error' } }])
    const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
    expect(code, stderr).toBe(4)
    expect(stderr).toContain('gate.max_error_rate')
    expect((await emulator.stats()).calls.create).toBe(1)
    const resumed = await project.run(['resume'], { env: emulator.env })
    expect(resumed.code, resumed.stderr).toBe(3)
  })

  it('stops at the budget, and goes on with a larger one', async () => {
    await start('0.04', jobText('batch: { max_requests: 5, max_in_flight: 1 }\nbudget: { max_usd: 0.00015 }'))
    const { code, stderr, stdout } = await project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
    expect(code, stderr).toBe(4)
    expect(stderr).toContain('budget.max_usd')
    expect(JSON.parse(stdout).cost_usd).toBeLessThanOrEqual(0.00015)
    expect(JSON.parse(stdout).requests.pending).toBeGreaterThan(0)
    const resumed = await project.run(['resume', '--max-usd', '1'], { env: emulator.env })
    expect(resumed.code, resumed.stderr).toBe(0)
    expect((await emulator.stats()).paid_more_than_once).toEqual([])
  })
})
