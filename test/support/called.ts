/**
 * The built CLI in the test's own process: from its words to its exit status it is the same program, and it need not be
 * loaded anew for each of some hundred command lines. What only a process has (signals, memory) wants a process.
 */
import type { Io } from '../../src/cli/io.ts'
import type { runProgram as RunProgram } from '../../src/cli/program.ts'
import { PROGRAM, programIo } from './program-io.mjs'

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
  /** The person at the terminal; absent: nobody is there. */
  readonly ask?: (question: string) => Promise<boolean>
}

export interface Called {
  readonly result: Promise<CliResult>
  /** The first Ctrl-C. */
  interrupt(): void
  /** Hears all of standard output whenever more of it comes. */
  onOut(hear: (text: string) => void): void
}

export function callCli(args: readonly string[], { cwd, env, interruptAt, ask }: CallOptions): Called {
  const interrupted = new AbortController()
  let stdout = ''
  let stderr = ''
  let hear: (text: string) => void = () => undefined
  const io = programIo({
    cwd,
    env,
    out(text) {
      stdout += text
      hear(stdout)
    },
    err(text) {
      stderr += text
      if (interruptAt !== undefined && stderr.includes(interruptAt)) interrupted.abort()
    },
    interrupted: interrupted.signal,
  })
  return {
    result: runBuilt(args, ask === undefined ? io : { ...io, ask }).then((code) => ({
      code,
      signal: null,
      stdout,
      stderr,
    })),
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
