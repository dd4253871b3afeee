// What people read, kept as files that are reviewed like prose: the help of every command, a session, and each class of
// error once. Ids, times and ports differ from run to run and are replaced.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCheckpointStore } from '../../src/checkpoint/keyv.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { checkpointKeys } from '../../src/core/run.ts'
import { type CliResult, callCli } from '../support/called.ts'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const COMMANDS = [
  ...['init', 'validate', 'plan', 'try', 'run', 'schema', 'resume', 'status', 'runs', 'cancel', 'retry', 'prune'],
  ...['show', 'export', 'report', 'ui', 'emulator', 'completions', 'batches', 'batches list', 'batches get'],
  ...['batches results', 'batches cancel', 'batches delete'],
]

describe('the help', () => {
  it('of the program and of every command is as reviewed', async () => {
    const texts: string[] = []
    for (const args of [[], ...COMMANDS.map((name) => [...name.split(' '), '--help'])]) {
      texts.push(transcript(args, await called(args)))
    }
    const text = texts.join('\n')
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    await expect(text).toMatchFileSnapshot('../golden/cli/help.txt')
  })

  it('forgets no command', async () => {
    const { stdout } = await called([])
    const named = [...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map((match) => match[1] ?? '')
    const known = new Set([...COMMANDS, 'help'])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})

describe('a session', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
  })
  afterAll(() => project.remove())

  it('from init to retry reads as reviewed', async () => {
    const emulator = await startEmulatorProcess(project, ['--batch-seconds', '0.3'])
    // A batch that is left here has not ended before, however slow the machine is.
    const slow = await startEmulatorProcess(project, ['--batch-seconds', '600', '--state', 'slow'])
    try {
      const steps: (readonly string[])[] = [
        ['init', '.'],
        ['validate', 'jobs/'],
        ['plan', 'jobs/reviews.yaml'],
        ['try', 'jobs/reviews.yaml', '--limit', '1'],
        ['run', 'jobs/reviews.yaml'],
        ['status'],
        ['runs'],
        ['show', 'reviews', 'r1'],
        ['show', 'reviews', 'r2'],
        ['report'],
        ['export', '--to', 'out/failed.csv', '--select', 'failed'],
        ['retry'],
        ['resume'],
        ['run', 'jobs/reviews.yaml', '--detach', '--new', '--no-reuse'],
        ['status'],
        ['resume', '--quiet'],
        ['batches', 'list', '--limit', '1'],
        ['prune', '--older-than', '0', '--dry-run'],
      ]
      const texts: string[] = []
      let { env } = emulator
      for (const args of steps) {
        if (args.includes('--detach')) env = slow.env
        if (args.includes('--quiet')) await slow.advance(600)
        // One row fails for good the first time it is asked.
        await emulator.faults(args[0] === 'run' ? [FAULT] : [])
        texts.push(transcript(args, await called(args, { cwd: project.folder, env })))
      }
      await expect(texts.join('\n')).toMatchFileSnapshot('../golden/cli/session.txt')
    } finally {
      await slow.stop()
      await emulator.stop()
    }
  })
})

const FAULT = { on: 'request', match: 'Leaks at the spout', do: { error: 'invalid_request_error' } }

describe('errors', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    await project.run(['init', '.'])
  })
  afterAll(() => project.remove())

  it('of every class read as reviewed', async () => {
    const emulator = await startEmulatorProcess(project, ['--batch-seconds', '30'])
    try {
      const { env } = emulator
      const job = await project.read('jobs/reviews.yaml')
      await project.write('jobs/wrong.yaml', job.replace('model:', 'modle:').replace('review.hbs', 'reviw.hbs'))
      const texts = [
        await said(['validate', 'jobs/wrong.yaml'], {}),
        await said(['validate', 'jobs/wrong.yaml', '--format', 'github'], {}),
        await said(['rum', 'jobs/reviews.yaml'], {}),
        await said(['run', 'jobs/reviews.yaml', '--detatch'], {}),
        await said(['run', 'jobs/reviews.yaml'], {}),
        await said(['status', 'reviews'], {}),
        await said(['run', 'jobs/reviews.yaml'], { ...env, ANTHROPIC_API_KEY: 'sk-bad' }),
        await said(['run', 'jobs/reviews.yaml', '--new', '--set', 'budget.max_usd=0.0001'], env),
        await interrupted(['run', 'jobs/reviews.yaml', '--new'], env),
        await said(['run', 'jobs/reviews.yaml', '--set', 'params.max_tokens=100'], env),
        await said(['retry'], env),
        ...(await undecided(emulator)),
        await damagedByUs(env),
      ]
      await expect(texts.join('\n')).toMatchFileSnapshot('../golden/cli/errors.txt')
    } finally {
      await emulator.stop()
    }
  })

  async function said(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    return transcript(args, await called(args, { cwd: project.folder, env }))
  }

  /** Ctrl-C once the batch is out. */
  async function interrupted(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    interruptAt = 'is at the provider',
  ): Promise<string> {
    return transcript(args, await called(args, { cwd: project.folder, env, interruptAt }))
  }

  /** A lost answer, a person who comes back when the results are gone, and what they may decide. */
  async function undecided(emulator: RunningEmulator): Promise<string[]> {
    const { env } = emulator
    await emulator.faults([{ on: 'create', nth: [1], do: { cut: 'after' } }])
    const left = await interrupted(['run', 'jobs/reviews.yaml', '--new'], env, 'had reached the provider')
    await emulator.advance(30 * 86_400)
    const asked = await said(['resume'], env)
    const [, decision = ''] =
      /resume (\S+ --adopt \S+)/.exec((await called(['resume'], { cwd: project.folder, env })).stderr) ?? []
    return [left, asked, await said(['resume', ...decision.split(' ')], env)]
  }

  /** A state that no program of ours writes. */
  async function damagedByUs(env: Readonly<Record<string, string>>): Promise<string> {
    const store = await openCheckpointStore('sqlite:.batchwright/state.db', {
      root: project.folder,
      processInfo: { pid: process.pid, hostname: 'localhost' },
      now: Date.now,
    })
    const key = checkpointKeys.batch(String(await store.read(checkpointKeys.latestRun('reviews', false))), 0)
    await store.write(key, { ...((await store.read(key)) as JsonObject), index: 7 })
    await store.close()
    return said(['resume'], env)
  }
})

interface Call {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly interruptAt?: string
}

function called(args: readonly string[], { cwd = '/', env = {}, ...more }: Call = {}): Promise<CliResult> {
  return callCli(args, { cwd, env, ...more }).result
}

function transcript(args: readonly string[], { code, stdout, stderr }: CliResult): string {
  const shown = normal(['$ batchwright', ...args].join(' '))
  const out = stdout === '' ? '' : ensureNewline(normal(stdout))
  const err = stderr === '' ? '' : ensureNewline(normal(stderr)).replace(/^/gm, '! ').replace(/! $/, '')
  return `${shown}\n${out}${err.replace(/^! $/gm, '!')}(exit ${code})\n`
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

/** The same text for every run: dates, ids, ports, durations. Columns that follow a duration are closed up. */
function normal(text: string): string {
  return text
    .replace(/\d{8}-\d{6}-[a-z0-9]{4}/g, 'DATE-TIME-TAG')
    .replace(/(msgbatch|req)_\w{8,}/g, '$1_ID')
    .replace(/^\d\d:\d\d:\d\d/gm, 'HH:MM:SS')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
    .replace(/^(custom_id \w+)-\w{6}-/gm, '$1-TAG-')
    .replace(/^id +status/gm, 'id status')
    .replace(/\b20\d\d-\d\d-\d\d\b/g, 'DATE')
    .replace(/(\n +at [^\n]+)+/g, '\n    at PLACE')
    .replace(/\/\S*batchwright-e2e-\w+/g, 'PROJECT')
    .replace(/\b\d+ (s|min|h)( \d+ (s|min))?\b/g, 'TIME')
    .replace(/(TIME|took|expires in|DATE-TIME-TAG) +/g, '$1 ')
    .replace(/^run +status/gm, 'run status')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
}
