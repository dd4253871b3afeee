// argv in, exit code out. The only file that knows `process`.

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { Io } from './cli/io.ts'

const version = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** How long commands in hand may take to finish after the first Ctrl-C. */
const GRACE_MS = 8000

/** Bytes for objects that were just made. Node.js 24 would give them eight times as much, which makes nothing faster. */
const ENOUGH_FOR_THE_YOUNG = 16 * 1024 * 1024
/** How often their space is looked at until it has grown to that. */
const YOUNG_LOOK_MS = 50

/** The newest Node.js for which `settleEngine` was tried: V8 complains aloud of a flag that it does not know. */
const NEWEST_TRIED = 26

/**
 * V8 lets the heap grow to several times what lives in it before it collects. Collecting at one and a half times takes
 * no time that shows, and 60 to 90 MB less for a plan of a million rows.
 *
 * A regular expression of a job, such as `where: name.matches("^(a+)+$")`, may take centuries for an unlucky row. After
 * 50,000 vain steps V8 can go on with an engine whose time is bounded.
 */
function settleEngine(): void {
  if (Number.parseInt(process.versions.node, 10) > NEWEST_TRIED) return
  setFlagsFromString('--heap-growing-percent=50')
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    if ((young?.space_size ?? 0) < ENOUGH_FOR_THE_YOUNG) return
    setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(timer)
  }, YOUNG_LOOK_MS).unref()
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2)
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version()}\n`)
    return 0
  }
  const interrupted = new AbortController()
  const stopped = new AbortController()
  const onSignal = (): void => {
    if (interrupted.signal.aborted) {
      stopped.abort()
      process.exit(130)
    }
    interrupted.abort()
    setTimeout(() => stopped.abort(), GRACE_MS).unref()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  settleEngine()
  const { runProgram } = await import('./cli/program.ts')
  return runProgram(argv, processIo(interrupted.signal, stopped.signal))
}

function processIo(interrupted: AbortSignal, signal: AbortSignal): Io {
  const { env } = process
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '' && env[name] !== 'false'
  const isCalm = isSet('NO_COLOR') || isSet('CI') || env.TERM === 'dumb'
  return {
    version: version(),
    cwd: process.cwd(),
    env,
    process: { pid: process.pid, hostname: hostname(), kill: (pid, signal) => process.kill(pid, signal) },
    isPlain: isCalm || !process.stderr.isTTY,
    isScreen: !isCalm && process.stdout.isTTY === true,
    get columns() {
      // A terminal that does not know its width reports 0.
      return process.stderr.columns || process.stdout.columns || 80
    },
    get rows() {
      return process.stderr.rows ?? process.stdout.rows ?? 24
    },
    out: (text) => writeAll(process.stdout, text),
    err: (text) => {
      process.stderr.write(text)
    },
    ...(process.stdin.isTTY && process.stderr.isTTY && !isSet('CI') ? { ask } : {}),
    clock: { now: () => Date.now(), sleep },
    random: () => Math.random(),
    interrupted,
    signal,
  }
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

/** Resolves when the stream took it all: a pipe that is read slowly must not lose the end of a large document. */
function writeAll(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
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

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe went away (`| head`): nobody is left to write for.
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main()
