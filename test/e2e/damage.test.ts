// What the disk and the provider can do to a run, and what a person then reads. Nothing is ever worse than before.

import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../../src/disk/sqlite.ts'
import { callCli } from '../support/called.ts'
import { createProject, killed, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'
import { startRecordingProxy } from '../support/recording-proxy.ts'

const ROWS = 6

const JOB = `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
prompt: "Say {{id}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
batch: { max_requests: 3 }
`

describe('a run that is damaged', () => {
  let project: Project
  let emulator: RunningEmulator
  beforeEach(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project, ['--answers', 'echo'])
    await project.write('job.yaml', JOB)
    await project.write(
      'rows.jsonl',
      Array.from({ length: ROWS }, (_, at) => `${JSON.stringify({ id: `k${at}` })}\n`).join(''),
    )
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  /** For runs that are left before anything has ended. */
  const slowEmulator = async (): Promise<void> => {
    await emulator.stop()
    emulator = await startEmulatorProcess(project, ['--answers', 'echo', '--batch-seconds', '2'])
  }
  const cli = (...args: string[]) => project.run(args, { env: emulator.env })
  const runFolder = async (): Promise<string> => {
    const runs = join(project.folder, '.batchwright/runs')
    const [run] = await readdir(runs)
    return join(runs, run ?? '')
  }
  const isWhole = async (): Promise<void> => {
    const keys = (await project.lines('out.jsonl')).map(({ key }) => key)
    expect(keys).toEqual(Array.from({ length: ROWS }, (_, at) => `k${at}`))
    expect((await emulator.stats()).paid_more_than_once).toEqual([])
  }

  it('by a truncated plan file sends nothing from it and says so', async () => {
    await emulator.faults([{ on: 'create', do: { status: 529 } }])
    const child = project.start(['run', 'job.yaml'], { env: emulator.env })
    while (!((await emulator.stats()).calls.create ?? 0)) await new Promise((resolve) => setTimeout(resolve, 50))
    await killed(child)
    await emulator.faults([])
    const file = join(await runFolder(), 'requests/0001.1.plan')
    await truncate(file, (await stat(file)).size - 20)
    const { code, stderr } = await cli('resume')
    expect(code).toBe(1)
    expect(stderr).toContain('requests/0001.1.plan')
    expect(stderr).toContain('is not what was planned')
  })

  it('by deleted results fetches them again', async () => {
    await cli('run', 'job.yaml')
    const before = await project.read('out.jsonl')
    await rm(join(await runFolder(), 'results'), { recursive: true })
    await rm(join(project.folder, 'out.jsonl'))
    const exported = await cli('export', '--to', 'again.jsonl')
    expect(exported.code).toBe(1)
    expect(exported.stderr).toContain('results/0000.1.jsonl')
    const { code, stderr } = await cli('resume', 'job')
    expect(code, stderr).toBe(0)
    expect(await project.read('out.jsonl')).toBe(before)
    // Cut off, they are as good as deleted.
    const results = join(await runFolder(), 'results/0000.1.jsonl')
    await truncate(results, (await stat(results)).size - 20)
    const cut = await cli('export', '--to', 'again.jsonl')
    expect(cut.code).toBe(1)
    expect(cut.stderr).toMatch(/results\/0000\.1\.jsonl of run job-\S+ are damaged/)
    expect((await cli('resume', 'job')).code).toBe(0)
    expect(await project.read('out.jsonl')).toBe(before)
    expect((await emulator.stats()).calls.create).toBe(2)
  })

  it('by a kill while it is planned has sent nothing, and is planned again', async () => {
    // Some rows come, and then none for a long time.
    const rows = `for (let at = 0; at < 7; at += 1) {
        yield { id: 'k' + at }
        if (at === 4 && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 60_000))
      }`
    await project.write(
      'slow.mjs',
      `import { existsSync } from 'node:fs'\nexport default async function* rows() { ${rows} }`,
    )
    await project.write('many.yaml', JOB.replace('type: jsonl, path: rows.jsonl', 'type: module, module: slow.mjs'))
    const child = project.start(['run', 'many.yaml', '--limit', '6'], { env: emulator.env })
    const files = (): Promise<string[]> => runFolder().then((folder) => readdir(folder))
    while (!(await files().catch((): string[] => [])).includes('beginning.json'))
      await new Promise((resolve) => setTimeout(resolve, 10))
    await killed(child)
    expect((await emulator.stats()).calls.create).toBe(0)
    await project.write('go', '')
    const { code, stderr } = await project.run(['resume'], { env: emulator.env, isProcess: true })
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(
      /^Run many-\S+ was stopped while it was planned, and nothing had been sent: it is planned again\./,
    )
    expect((await project.read('out.jsonl')).trim().split('\n')).toHaveLength(6)
    expect(await readdir(join(project.folder, '.batchwright/runs'))).toHaveLength(1)
  })

  it('by a plan file that lost its end delivers nothing in its place', async () => {
    await cli('run', 'job.yaml')
    const plan = join(await runFolder(), 'requests/0001.1.plan')
    const [first = ''] = (await readFile(plan, 'utf8')).split('\n')
    for (const text of ['', `${first}\n`]) {
      await writeFile(plan, text)
      for (const args of [
        ['resume', 'job'],
        ['export', '--to', 'again.jsonl'],
      ]) {
        const { code, stderr } = await cli(...args)
        expect(code).toBe(1)
        expect(stderr).toMatch(/requests\/0001\.1\.plan of run job-\S+ is not what was planned/)
      }
    }
    await isWhole()
  })

  it('by a corrupt checkpoint value stops before it does anything', async () => {
    await slowEmulator()
    await cli('run', 'job.yaml', '--detach')
    const database = openSqlite(join(project.folder, '.batchwright/state.db'))
    const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    for (const { name } of tables) {
      const columns = database.prepare(`SELECT * FROM "${name}" LIMIT 1`).all()
      const [key, value] = Object.keys(columns[0] ?? {})
      if (key === undefined || value === undefined) continue
      database.exec(
        `UPDATE "${name}" SET "${value}" = substr("${value}", 1, length("${value}") - 9) WHERE "${key}" LIKE '%batch/0001%'`,
      )
    }
    database.close()
    const { code, stderr } = await cli('resume')
    expect(code).toBe(1)
    expect(stderr).toContain('batch/0001')
    expect(stderr).not.toMatch(/\n\s+at /)
    expect((await emulator.stats()).calls.create).toBe(2)
  })

  it('by a document that changed since planning leaves out that row and says so', async () => {
    await project.write('docs/a.txt', 'The first document.')
    await project.write('docs/b.txt', 'The second document.')
    await project.write(
      'job.yaml',
      `model: claude-haiku-5-5
dataset: { type: files, path: docs/*.txt, key: "{{file.stem}}" }
documents: [{ file: "{{file.path}}" }]
prompt: Summarise.
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
`,
    )
    await emulator.faults([{ on: 'create', do: { status: 529 } }])
    const child = project.start(['run', 'job.yaml'], { env: emulator.env })
    while (!((await emulator.stats()).calls.create ?? 0)) await new Promise((resolve) => setTimeout(resolve, 50))
    await killed(child)
    await emulator.faults([])
    await writeFile(project.path('docs/b.txt'), 'Something else altogether.')
    const { code, stderr } = await cli('resume')
    expect(code, stderr).toBe(3)
    expect(stderr).toContain('docs/b.txt')
    const outcomes = await project.lines<{ key: string; status: string; error: { message: string } | null }>(
      'out.jsonl',
    )
    expect(outcomes.map(({ key, status }) => [key, status])).toEqual([
      ['a', 'succeeded'],
      ['b', 'rejected'],
    ])
    expect(outcomes[1]?.error?.message).toContain('changed')
  })

  it('by a batch that is too large for the provider is split, and every row arrives', async () => {
    await emulator.faults([{ on: 'create', nth: [1], do: { status: 413 } }])
    const { code, stderr } = await cli('run', 'job.yaml')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('Too large for the provider')
    await isWhole()
  })

  it.each([
    [400, 'refused batch'],
    [401, 'refused batch'],
    [403, 'refused batch'],
    [404, 'refused batch'],
  ])('by a refusal with %i stops with the provider’s words and can be resumed', async (status, words) => {
    await emulator.faults([{ on: 'create', do: { status } }])
    const { code, stderr } = await cli('run', 'job.yaml')
    expect(code).toBe(1)
    expect(stderr).toContain(words)
    expect(stderr).toContain('batchwright resume')
    await emulator.faults([])
    const resumed = await cli('resume')
    expect(resumed.code, resumed.stderr).toBe(0)
    await isWhole()
  })

  it('by a gateway that leads elsewhere for the results stops at once, and sends the key nowhere', async () => {
    const proxy = await startRecordingProxy(emulator.url, false)
    try {
      const started = Date.now()
      const env = { ...emulator.env, ANTHROPIC_BASE_URL: proxy.url }
      const { code, stderr } = await project.run(['run', 'job.yaml'], { env })
      expect(code, stderr).toBe(1)
      expect(stderr).toContain(`are said to be at ${emulator.url}, but the provider is ${proxy.url}`)
      expect(stderr).toContain('the key is not sent there')
      expect(stderr).toContain('batchwright resume')
      expect(Date.now() - started).toBeLessThan(5000)
      expect((await emulator.stats()).calls.results).toBe(0)
    } finally {
      await proxy.close()
    }
  })

  it('by results that are gone for good says so, keeps the rest, and asks again only when it is told to', async () => {
    await slowEmulator()
    await cli('run', 'job.yaml', '--detach')
    await emulator.advance(30 * 86_400)
    const { code, stderr } = await cli('resume')
    expect(code).toBe(1)
    expect(stderr).toMatch(/results of batch 1 are gone/)
    expect(stderr).toMatch(/resume job-.* --resubmit 1/)
    const { code: again, stderr: said } = await cli('resume', '--resubmit', '0', '--resubmit', '1')
    expect(again, said).toBe(0)
    expect(await project.lines('out.jsonl')).toHaveLength(ROWS)
  })

  it('by a lost answer and results that are gone asks the person, with both commands, and does what they decide', async () => {
    await emulator.stop()
    emulator = await startEmulatorProcess(project, ['--answers', 'echo', '--batch-seconds', '600'])
    await emulator.faults([
      { on: 'create', nth: [1], do: { cut: 'after' } },
      { on: 'create', do: { status: 529 } },
    ])
    const options = { cwd: project.folder, env: emulator.env, interruptAt: 'had reached the provider after all' }
    const left = await callCli(['run', 'job.yaml'], options).result
    expect(left.code, left.stderr).toBe(130)
    await emulator.advance(30 * 86_400)
    await emulator.faults([])
    const asking = cli('resume', '--json')
    while ((await emulator.stats()).batches.length !== 2) await new Promise((resolve) => setTimeout(resolve, 50))
    await emulator.advance(700)
    const asked = await asking
    expect(asked.code, asked.stderr).toBe(5)
    // The other batch was not kept waiting for the answer.
    expect(JSON.parse(asked.stdout)).toMatchObject({ requests: { succeeded: 3, pending: 3 } })
    const commands = asked.stderr.split('\n').filter((line) => line.includes('batchwright resume'))
    expect(commands).toHaveLength(2)
    // Either batch may have been the first to be created.
    const [, lost = ''] = /--adopt ([01])=msgbatch_/.exec(commands[0] ?? '') ?? []
    expect(commands[1]).toContain(`--resubmit ${lost}`)
    const decided = cli('resume', '--resubmit', lost)
    while ((await emulator.stats()).batches.length !== 3) await new Promise((resolve) => setTimeout(resolve, 100))
    await emulator.advance(700)
    const { code, stderr } = await decided
    expect(code, stderr).toBe(0)
    expect(await project.lines('out.jsonl')).toHaveLength(ROWS)
  })

  it('by a state folder that cannot be written stops before anything is sent', async () => {
    const { execFileSync } = await import('node:child_process')
    const folder = project.path('.batchwright')
    try {
      execFileSync('sh', ['-c', `mkdir -p ${folder} && mount -t tmpfs -o ro tmpfs ${folder}`], { stdio: 'ignore' })
    } catch {
      process.stdout.write('a file system cannot be mounted here, so a read-only folder is not tried\n')
      return
    }
    try {
      const { code, stderr } = await cli('run', 'job.yaml')
      expect(code).toBe(1)
      expect(stderr).toContain('.batchwright')
      expect(stderr).not.toMatch(/\n\s+at /)
      expect((await emulator.stats()).calls.create).toBe(0)
    } finally {
      execFileSync('umount', [folder])
    }
  })

  it('by a full disk stops, and goes on when there is room', async () => {
    const { execFileSync } = await import('node:child_process')
    const mount = project.path('small')
    try {
      execFileSync('sh', ['-c', `mkdir -p ${mount} && mount -t tmpfs -o size=96k tmpfs ${mount}`], { stdio: 'ignore' })
    } catch {
      process.stdout.write('a small file system cannot be mounted here, so a full disk is not tried\n')
      return
    }
    try {
      const rows = Array.from(
        { length: 400 },
        (_, at) => `${JSON.stringify({ id: `k${at}`, text: 'x'.repeat(400) })}\n`,
      ).join('')
      await project.write('rows.jsonl', rows)
      await project.write(
        'job.yaml',
        JOB.replace('path: out.jsonl', 'path: small/out.jsonl').replace('max_requests: 3', 'max_requests: 400'),
      )
      const { code, stderr } = await cli('run', 'job.yaml')
      expect(code, stderr).toBe(1)
      expect(stderr).toContain('ENOSPC')
      expect(stderr).toContain('batchwright resume')
      execFileSync('mount', ['-o', 'remount,size=4m', mount])
      const resumed = await cli('resume')
      expect(resumed.code, resumed.stderr).toBe(0)
      expect(await project.lines('small/out.jsonl')).toHaveLength(400)
    } finally {
      execFileSync('umount', [mount])
    }
  })
})
