/**
 * The built CLI in the test's own process: from its words to its exit status it is the same program, and it need not be
 * loaded anew for each of some hundred command lines. What only a process has (signals, memory) wants a process.
 */
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../../src/cli/io.ts'
import type { runProgram as RunProgram } from '../../src/cli/program.ts'

export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ctrl-C as soon as stderr says so. */
  readonly interruptAt?: string
}

export interface Called {
  readonly result: Promise<CliResult>
  /** The first Ctrl-C. */
  interrupt(): void
  /** Hears all of standard output whenever more of it comes. */
  onOut(hear: (text: string) => void): void
}

const PROGRAM = join(import.meta.dirname, '../../dist/program.js')

export function callCli(args: readonly string[], { cwd, env, interruptAt }: CallOptions): Called {
  const interrupted = new AbortController()
  let stdout = ''
  let stderr = ''
  let hear: (text: string) => void = () => undefined
  const io: Io = {
    version: '0.0.0',
    cwd,
    env,
    process: { pid: process.pid, hostname: hostname(), kill: (pid, signal) => void process.kill(pid, signal) },
    isPlain: true,
    isScreen: false,
    columns: 80,
    rows: 24,
    async out(text) {
      stdout += typeof text === 'string' ? text : Buffer.from(text).toString('utf8')
      hear(stdout)
    },
    err(text) {
      stderr += text
      if (interruptAt !== undefined && stderr.includes(interruptAt)) interrupted.abort()
    },
    clock: { now: () => Date.now(), sleep },
    random: () => Math.random(),
    interrupted: interrupted.signal,
    signal: new AbortController().signal,
  }
  return {
    result: runBuilt(args, io).then((code) => ({ code, signal: null, stdout, stderr })),
    interrupt: () => interrupted.abort(),
    onOut(listener) {
      hear = listener
      hear(stdout)
    },
  }
}

async function runBuilt(args: readonly string[], io: Io): Promise<number> {
  const { runProgram } = (await import(PROGRAM)) as { runProgram: typeof RunProgram }
  return runProgram(args, io)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
