import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

const JOB = `
model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
documents: [{ file: "{{file}}" }]
system: You are brief.
prompt: "Row {{id}}."
on_rejected: skip
retry: { max_attempts: 3, truncated: { max_tokens: 4096 } }
gate: { max_error_rate: 1 }
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
`

describe('show', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject()
    await project.write('notes.txt', 'The salt museum is open on Sundays.')
    await project.write('job.yaml', JOB)
    const rows = ['plain', 'cut', 'late', 'refused', 'lost'].map((id) => {
      return JSON.stringify({ id, file: id === 'lost' ? 'no-such.txt' : 'notes.txt' })
    })
    await project.write('rows.jsonl', rows.join('\n'))
  })
  afterEach(() => project.remove())

  const show = async (key: string) => {
    const { code, stdout, stderr } = await project.run(['show', 'job', key])
    expect(code, stderr).toBe(0)
    return stdout
  }

  it('tells each row from its first request to its last answer', async () => {
    const emulator = await startEmulatorProcess(project)
    try {
      await emulator.faults([
        { on: 'request', match: 'Row cut', attempts: 1, do: { truncated: true } },
        { on: 'request', match: 'Row late', attempts: 1, do: { error: 'overloaded_error' } },
        { on: 'request', match: 'Row refused', do: { refusal: true } },
      ])
      const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
      expect(code, stderr).toBe(3)
    } finally {
      await emulator.stop()
    }
    const plain = await show('plain')
    for (const words of [
      'plain  succeeded',
      '1 attempt, 1 answer',
      '· request ',
      'system: You are brief.',
      '\n  Row plain.',
    ])
      expect(plain).toContain(words)
    expect(plain).toMatch(/── attempt 1 · msgbatch_\w+ · request [0-9a-f]{12}\n/)
    expect(plain).toContain('open on Sundays')
    expect(plain).toContain('(end_turn)')

    const cut = await show('cut')
    expect(cut).toContain('2 attempts, 2 answers')
    expect(cut).toContain('attempt 2 · the answer was cut off; more room for it')
    expect(cut).toContain('max_tokens 2048')
    expect(cut.match(/Row cut/g)?.length, 'the conversation is shown once').toBeLessThanOrEqual(3)

    const late = await show('late')
    expect(late).toContain('2 attempts, 1 answer,')
    expect(late).toContain('errored: overloaded_error')
    expect(late).toContain('attempt 2 · the same request again')

    expect(await show('refused')).toContain('refusal: The model refused: general_harms')
    const lost = await show('lost')
    expect(lost).toContain('lost  rejected')
    expect(lost).toContain('no-such.txt')

    const json = await project.run(['show', 'job', 'cut', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      key: 'cut',
      status: 'succeeded',
      outcome: { key: 'cut', attempts: 2 },
      rounds: [
        { attempt: 1, kind: null, request: { max_tokens: 1024 }, result: { result: { type: 'succeeded' } } },
        { attempt: 2, kind: 'more_room', request: { max_tokens: 2048 }, withdrawn: null },
      ],
    })
    expect(json.stdout, 'documents are named, not printed').toContain('"elided"')

    const unknown = await project.run(['show', 'job', 'plan'])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('Did you mean "plain"?')
  })

  it('says of a row that waits that it does', async () => {
    const emulator = await startEmulatorProcess(project, ['--batch-seconds', '600'])
    try {
      const { code, stderr } = await project.run(['run', 'job.yaml', '--detach'], { env: emulator.env })
      expect(code, stderr).toBe(0)
      const text = await show('plain')
      expect(text).toContain('plain  pending')
      expect(text).toContain('\n  Row plain.')
      expect(text).toContain('No answer is in.')
    } finally {
      await emulator.stop()
    }
  })
})
