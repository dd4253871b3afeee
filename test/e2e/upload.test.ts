import { PDFDocument, StandardFonts } from 'pdf-lib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

async function pdf(text: string): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  document.addPage([300, 200]).drawText(text, { x: 20, y: 120, size: 12, font })
  return document.save()
}

const JOB = `
model: claude-haiku-5-5
params: { max_tokens: 64 }
dataset: { type: csv, path: data/rows.csv, key: "{{id}}" }
documents:
  - { file: "{{file}}", upload: files }
prompt: "Question {{id}}"
sinks: [out/answers.jsonl]
`
const DOCUMENTS = 20
const ROWS = 1000

const headers = { 'x-api-key': 'sk-test', 'anthropic-version': '2023-06-01' }

describe('documents that are uploaded', () => {
  let project: Project
  let emulator: RunningEmulator
  const run = (...args: string[]) => project.run(['run', 'job.yaml', '--new', ...args], { env: emulator.env })

  const listed = async (): Promise<readonly { id: string }[]> =>
    ((await (await fetch(`${emulator.url}/v1/files?limit=100`, { headers })).json()) as { data: { id: string }[] }).data

  beforeEach(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project, ['--batch-seconds', '0.4'])
    await project.write('job.yaml', JOB)
    for (let index = 0; index < DOCUMENTS; index += 1)
      await project.write(`data/doc${index}.pdf`, await pdf(`The tide table of harbour number ${index}.`))
    const rows = Array.from({ length: ROWS }, (_, row) => `r${row},data/doc${row % DOCUMENTS}.pdf\n`)
    await project.write('data/rows.csv', `id,file\n${rows.join('')}`)
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  it('travel once for all rows and runs, and again when they have expired', async () => {
    const first = await run()
    expect(first.stderr).toContain('1,000 of 1,000 rows succeeded')
    expect((await emulator.stats()).calls.files).toBe(DOCUMENTS)
    const answers = await project.lines<{ key: string; text: string }>('out/answers.jsonl')
    for (const { key, text } of answers.slice(0, 40))
      expect(text).toContain(`harbour number ${Number(key.slice(1)) % DOCUMENTS}.`)

    expect((await run()).code).toBe(0)
    expect((await emulator.stats()).calls.files).toBe(DOCUMENTS)

    await emulator.advance(31 * 24 * 3600)
    expect((await run()).code).toBe(0)
    expect((await emulator.stats()).calls.files).toBe(2 * DOCUMENTS)
  })

  it('are uploaded again when somebody has deleted them, and travel with jobs of other names', async () => {
    await run('--limit', '20')
    const files = await listed()
    expect(files).toHaveLength(DOCUMENTS)
    const gone = files[3]?.id ?? ''
    expect((await fetch(`${emulator.url}/v1/files/${gone}`, { method: 'DELETE', headers })).status).toBe(200)
    const before = (await emulator.stats()).calls.files ?? 0
    await project.write('other.yaml', JOB.replace('Question', 'Another question'))
    const { code } = await project.run(['run', 'other.yaml'], { env: emulator.env })
    expect(code).toBe(0)
    expect((await emulator.stats()).calls.files).toBe(before + 1)
  })

  it('are deleted with the runs that they were uploaded for, if no other run refers to them and the key is there', async () => {
    const prune = (env: Readonly<Record<string, string>>, ...args: string[]) =>
      project.run(['prune', '--older-than', '0', ...args], { env })
    await run('--limit', '6')
    await project.write('other.yaml', JOB)
    // However slow the machine is, this run does not see its batch end before it leaves.
    await emulator.faults([{ on: 'list', do: { status: 400 } }])
    await project.run(['run', 'other.yaml', '--detach', '--limit', '2'], { env: emulator.env })
    expect((await prune(emulator.env, '--dry-run')).stderr).toContain('4 uploaded files would be deleted')
    expect(await listed()).toHaveLength(6)
    await emulator.faults([{ on: 'files', nth: [2], do: { status: 403 } }])
    const { code, stderr } = await prune(emulator.env)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('1 uploaded file deleted at the provider')
    expect(stderr).toContain('3 uploaded files stay at the provider')
    expect(await listed()).toHaveLength(5)
    await project.run(['resume'], { env: emulator.env })
    const keyless = await prune({ ANTHROPIC_BASE_URL: emulator.url })
    expect(keyless.stderr).toContain('2 uploaded files stay at the provider')
    expect(keyless.stderr).toContain('ANTHROPIC_API_KEY is not set')
    expect(await listed()).toHaveLength(5)
  })

  it('wait while the Files API is busy', async () => {
    await emulator.faults([{ on: 'files', nth: [1], do: { status: 529 } }])
    const { code, stderr } = await run('--limit', '3')
    expect(stderr).toContain('Not uploaded for now')
    expect(code).toBe(0)
    expect((await emulator.stats()).calls.files).toBe(4)
  })

  it('need neither key nor network to be planned, and are tried through their ids', async () => {
    const { code, stdout } = await project.run(['plan', 'job.yaml', '--show', '1'])
    expect(code).toBe(0)
    expect(stdout).toContain('once it is uploaded')
    const exact = await project.run(['plan', 'job.yaml', '--exact', '--limit', '3'], { env: emulator.env })
    expect(exact.stderr).toContain('Not counted: 3 requests with documents that are yet to be uploaded')
    const tried = await project.run(['try', 'job.yaml', '--limit', '1'], { env: emulator.env })
    expect(tried.stdout).toContain('harbour number 0.')
  })
})
