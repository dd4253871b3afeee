// A project of its own for a test, and the built CLI run in it as a user would run it.

import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type CliResult, callCli } from './called.ts'

export type { CliResult } from './called.ts'

const REPO = join(import.meta.dirname, '../..')
const BIN = join(REPO, 'bin/batchwright.js')

export interface Project {
  readonly folder: string
  path(name: string): string
  write(name: string, content: string | Uint8Array): Promise<void>
  read(name: string): Promise<string>
  /** The lines of a JSON-lines file, parsed. */
  lines<T = Record<string, unknown>>(name: string): Promise<T[]>
  /** The command to its end: in this process, unless it is to be killed or `isProcess` wants one of its own. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>
  /** A process of its own, which can be sent signals. */
  start(args: readonly string[], options?: CliOptions): ChildProcess
  remove(): Promise<void>
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  /** SIGKILL after so many milliseconds. */
  readonly killAfterMs?: number
  /** A process of its own also where nothing is killed: for what only a process has, such as limits of its memory. */
  readonly isProcess?: boolean
  /** Where the person stands; the project's root where it is left out. */
  readonly cwd?: string
  /** The person at the terminal, who is asked; only where it is no process of its own. */
  readonly ask?: (question: string) => Promise<boolean>
}

/** A new folder that is a project root; `examples` brings the repository's jobs, templates and schemas along. */
export async function createProject(options: { examples?: boolean } = {}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'batchwright-e2e-'))
  await writeFile(join(folder, 'package.json'), '{}')
  if (options.examples === true) {
    for (const name of ['jobs', 'templates', 'schemas'])
      await cp(join(REPO, name), join(folder, name), { recursive: true })
  }
  const path = (name: string): string => join(folder, name)
  return {
    folder,
    path,
    async write(name, content) {
      await mkdir(dirname(path(name)), { recursive: true })
      await writeFile(path(name), content)
    },
    read: (name) => readFile(path(name), 'utf8'),
    async lines<T>(name: string) {
      const text = await readFile(path(name), 'utf8')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    },
    run(args, given = {}) {
      if (given.isProcess === true || given.killAfterMs !== undefined)
        return finished(startCli(folder, args, given), given.killAfterMs)
      const person = given.ask === undefined ? {} : { ask: given.ask }
      return callCli(args, { cwd: given.cwd ?? folder, env: environment(given), ...person }).result
    },
    start: (args, given) => startCli(folder, args, given),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function startCli(folder: string, args: readonly string[], options: CliOptions = {}): ChildProcess {
  const env = environment(options)
  return spawn(process.execPath, [BIN, ...args], { cwd: options.cwd ?? folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function environment(options: CliOptions): Readonly<Record<string, string | undefined>> {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, ...inherited } = process.env
  return { ...inherited, NO_COLOR: '1', ...options.env }
}

function finished(child: ChildProcess, killAfterMs?: number): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr })
    })
  })
}

/** SIGKILL; resolves when the process is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

export interface RunningEmulator {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  stats(): Promise<EmulatorStats>
  faults(rules: unknown): Promise<void>
  advance(seconds: number): Promise<void>
  stop(): Promise<void>
}

export interface EmulatorStats {
  readonly calls: Readonly<Record<string, number>>
  readonly batches: readonly { readonly id: string; readonly requests: number }[]
  readonly requests: Readonly<Record<string, number>>
  readonly paid_more_than_once: readonly string[]
}

/** `batchwright emulator`, in this process; it lives until it is stopped. */
export async function startEmulatorProcess(project: Project, args: readonly string[] = []): Promise<RunningEmulator> {
  const command = ['emulator', '--port', '0', '--batch-seconds', '0.04', ...args]
  const server = callCli(command, { cwd: project.folder, env: environment({}) })
  const url = await new Promise<string>((resolve, reject) => {
    server.onOut((text) => {
      const match = /listening on (\S+)/.exec(text)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    server.result.then(({ stderr }) => reject(new Error(`The emulator ended: ${stderr}`)), reject)
  })
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${url}${path}`, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    url,
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-test' },
    stats: async () => (await (await ask('/_emulator/stats')).json()) as EmulatorStats,
    async faults(rules) {
      await ask('/_emulator/faults', { method: 'PUT', body: JSON.stringify(rules) })
    },
    async advance(seconds) {
      await ask('/_emulator/advance', { method: 'POST', body: JSON.stringify({ seconds }) })
    },
    async stop() {
      server.interrupt()
      await server.result
    },
  }
}
