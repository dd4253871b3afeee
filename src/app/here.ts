// What the process gives, for a program that imports batchwright: everything may be given instead.

import { hostname } from 'node:os'
import * as host from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Notice } from '../run/ports.ts'
import type { Surroundings } from './workspace.ts'

/** What a program may give in place of its process's surroundings. */
export interface HereOptions {
  /** Where paths given to a function begin. Default: the process's working directory. */
  readonly cwd?: string
  /** Default: the process's environment; API keys are read from here. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The project root. Default: found above the job file, or above `cwd`. */
  readonly root?: string
  /** A Keyv URL in place of the job's `store`. */
  readonly store?: string
  /** Aborts: what is in hand is finished, everything is stored, and the run can be resumed. */
  readonly signal?: AbortSignal
  /** Told what happens, as a person would be who watches. */
  readonly onNotice?: (notice: Notice) => void
  /** Where the stdout sink writes. Default: the process's standard output. */
  readonly writeOut?: (bytes: Uint8Array) => Promise<void>
}

/** How long what is in hand may take to finish after the signal; then it is torn down. */
const GRACE_MS = 8000

export function surroundingsHere(options: HereOptions): Surroundings {
  const stop = new AbortController()
  const interrupted = options.signal ?? new AbortController().signal
  const stopSoon = (): void => {
    setTimeout(() => stop.abort(), GRACE_MS).unref()
  }
  if (interrupted.aborted) stopSoon()
  else interrupted.addEventListener('abort', stopSoon, { once: true })
  return {
    cwd: options.cwd ?? host.cwd(),
    env: options.env ?? host.env,
    process: { pid: host.pid, hostname: hostname() },
    clock,
    random: () => Math.random(),
    writeOut: options.writeOut ?? writeToStdout,
    notify: options.onNotice ?? (() => undefined),
    interrupted,
    signal: stop.signal,
  }
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
}

function writeToStdout(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    host.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
