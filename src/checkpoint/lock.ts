// One process per run on one machine: a lock file that names its holder.
//
// A lock appears whole, by link(): no reader ever sees half of one. A lock whose process is gone is replaced, and only
// by the one contender who holds the guard: a lock file of its own, named after the exact content of the dead lock.
// Without it, a contender that was slow between reading and replacing would push out the next living holder. The
// guard is taken by the same rules, so a contender that died while it took over holds nobody up.

import { createHash } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunId } from '../core/batch.ts'
import { checkedRunId } from '../core/run-id.ts'
import type { RunLocks } from './adapter.ts'
import type { RunLock } from './checkpoint.ts'
import { describeSelf, type Holder, heldBy, type IsAlive, nameHolder, type ProcessInfo, parseHolder } from './holder.ts'

const PATIENCE_MS = 2000
const PAUSE_MS = 20

export interface LockContext {
  readonly processInfo: ProcessInfo
  readonly now: () => number
  readonly isAlive: IsAlive
  /** How long a take-over by someone else, or a lock that is still being written, is waited for. */
  readonly patienceMs?: number
}

export function createFileLocks(folder: string, context: LockContext): RunLocks {
  const { patienceMs = PATIENCE_MS } = context
  const held = new Set<RunLock>()
  const pathOf = (run: RunId): string => join(folder, `${checkedRunId(run)}.lock`)
  const isDead = async (holder: Holder): Promise<boolean> =>
    holder.hostname === context.processInfo.hostname && !(await context.isAlive(holder))

  return {
    async lock(run) {
      const path = pathOf(run)
      const me = await describeSelf(context.processInfo, context.now())
      await mkdir(folder, { recursive: true })
      const other = await takeLockFile(path, me, isDead, patienceMs)
      if (other) throw heldBy(run, other, context.now(), hintFor(other, context.processInfo.hostname, path))
      const lock: RunLock = {
        lost: new AbortController().signal,
        async release() {
          held.delete(lock)
          if (parseHolder((await readIfThere(path)) ?? '')?.token === me.token) await rm(path, { force: true })
        },
      }
      held.add(lock)
      return lock
    },
    async holder(run) {
      const holder = parseHolder((await readIfThere(pathOf(run))) ?? '')
      return holder && !(await isDead(holder)) ? nameHolder(holder, context.now()) : undefined
    },
    async close() {
      for (const lock of [...held]) await lock.release()
    },
  }
}

function hintFor(holder: Holder, hostname: string, path: string): string | undefined {
  if (holder.hostname === hostname) return undefined
  return `From ${hostname} it cannot be seen whether that process still lives. If it is gone for good, delete ${path}.`
}

/** undefined: it is ours. Else who has it. */
async function takeLockFile(
  path: string,
  me: Holder,
  isDead: (holder: Holder) => Promise<boolean>,
  patienceMs: number,
): Promise<Holder | undefined> {
  for (let waitedMs = 0; ; ) {
    if (await createWhole(path, me)) return undefined
    const text = await readIfThere(path)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder === undefined && waitedMs >= patienceMs) throw unreadable(path)
    if (holder && !(await isDead(holder))) return holder
    if (holder) {
      const guard = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
      const other = await takeLockFile(guard, me, isDead, patienceMs)
      if (other === undefined) {
        const isOurs = await replaceWhole(path, text, me).finally(() => rm(guard, { force: true }))
        if (isOurs) return undefined
        continue
      }
      if (waitedMs >= patienceMs) return other
    }
    await delay(PAUSE_MS)
    waitedMs += PAUSE_MS
  }
}

/** False: there is a file of that name already. */
async function createWhole(path: string, me: Holder): Promise<boolean> {
  const temporary = await writeTemporary(path, me)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return false
    // Some file systems know no hard links; there a reader may meet an empty lock, for which it waits.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await createDirectly(path, me)
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function createDirectly(path: string, me: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(me), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Puts our lock in the place of the dead one, whose text must still be there. Only the guard's holder may do this. */
async function replaceWhole(path: string, dead: string, me: Holder): Promise<boolean> {
  if ((await readIfThere(path)) !== dead) return false
  await rename(await writeTemporary(path, me), path)
  return true
}

async function writeTemporary(path: string, me: Holder): Promise<string> {
  const temporary = join(dirname(path), `.${me.token}.tmp`)
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(JSON.stringify(me))
    await handle.sync()
  } finally {
    await handle.close()
  }
  return temporary
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function unreadable(path: string): Error {
  return new Error(
    `The lock file ${path} is damaged and does not say who holds it. If no other batchwright process works on this run, delete it and try again.`,
  )
}
