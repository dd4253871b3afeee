// Who holds a lock, told so exactly that a later process can see whether that very process still lives.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { UserError } from '../core/errors.ts'

export interface Holder {
  readonly pid: number
  readonly hostname: string
  /** When the process began, in the words of the operating system: a process id is used again, this is not. */
  readonly processStart: string
  /** When the lock was taken. Milliseconds since 1970. */
  readonly startedAt: number
  /** Tells two locks of one process apart. */
  readonly token: string
}

export interface ProcessInfo {
  readonly pid: number
  readonly hostname: string
}

/** Answers for holders on this host only. */
export type IsAlive = (holder: Holder) => Promise<boolean>

/** Where the operating system does not say when a process began. */
const UNKNOWN_START = 'unknown'

export async function describeSelf(info: ProcessInfo, now: number): Promise<Holder> {
  const processStart = (await processStartOf(info.pid)) ?? UNKNOWN_START
  return { pid: info.pid, hostname: info.hostname, processStart, startedAt: now, token: randomUUID() }
}

export async function isHolderAlive(holder: Holder): Promise<boolean> {
  const start = await processStartOf(holder.pid)
  if (start === undefined) return false
  return start === UNKNOWN_START || holder.processStart === UNKNOWN_START || start === holder.processStart
}

/** undefined when the text is not a holder's. */
export function parseHolder(text: string): Holder | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { pid, hostname, processStart, startedAt, token } = value as Partial<Holder>
  if (typeof pid !== 'number' || typeof startedAt !== 'number') return undefined
  if (typeof hostname !== 'string' || typeof processStart !== 'string' || typeof token !== 'string') return undefined
  return { pid, hostname, processStart, startedAt, token }
}

/** "process 4711 on HOST since 10:41:02", with the day where that was another one. */
export function nameHolder(holder: Holder, now: number): string {
  const since = new Date(holder.startedAt)
  const time = [since.getHours(), since.getMinutes(), since.getSeconds()].map(twoDigits).join(':')
  const day = [since.getFullYear(), since.getMonth() + 1, since.getDate()].map(twoDigits).join('-')
  const isToday = since.toDateString() === new Date(now).toDateString()
  return `process ${holder.pid} on ${holder.hostname} since ${isToday ? time : `${day} ${time}`}`
}

export function heldBy(run: string, holder: Holder, now: number, hint?: string): UserError {
  const message = `Run ${run} is being worked on by ${nameHolder(holder, now)}. Wait for it, or stop it first.`
  return new UserError(hint === undefined ? message : { message, hint })
}

/** undefined: there is no such process, or only the zombie of one. */
async function processStartOf(pid: number): Promise<string | undefined> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined)
  if (bootId === undefined) return startFromPs(pid)
  let line: string
  try {
    line = await readFile(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
  // The name of the program stands in parentheses and may contain anything, so fields are counted after it: the state
  // is the third of all, the start in ticks since boot the twenty-second.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return `${bootId.trim()}/${fields[19]}`
}

async function startFromPs(pid: number): Promise<string | undefined> {
  try {
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env })
    const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout) ?? []
    return state === undefined || state.startsWith('Z') ? undefined : start
  } catch (error) {
    // ps answers 1 for a process that is not there; where there is no ps at all, nothing can be said.
    return (error as { code?: unknown }).code === 1 ? undefined : UNKNOWN_START
  }
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
