// One process per run across machines: a lease in the store itself, renewed while its holder lives.
//
// The lease is also a fence. A process that slept past its lease (a closed laptop, a long pause) may wake up and write
// before its timer tells it what happened; so every write to a run goes to the server together with the lease it was
// made under, and the server stores it only while that lease is the current one.

import type { RunId } from '../core/batch.ts'
import { messageOf } from '../core/errors.ts'
import { checkedRunId } from '../core/run-id.ts'
import type { RunLocks } from './adapter.ts'
import { describeSelf, type Holder, heldBy, nameHolder, parseHolder } from './holder.ts'
import type { LockContext } from './lock.ts'

/** How long a dead holder on another machine keeps a run from the others. */
const LEASE_MS = 10_000
const RENEW_EVERY_MS = 3_000

/** The few atomic operations that a server offers. A lease is the text of its holder. */
export interface LeaseTable {
  /** Takes the lease when nobody has one. */
  take(run: RunId, lease: string, ttlMs: number): Promise<boolean>
  /** The current lease; undefined: none, or it ran out. */
  read(run: RunId): Promise<string | undefined>
  /** Takes the lease when `old` is the current one. */
  replace(run: RunId, old: string, lease: string, ttlMs: number): Promise<boolean>
  /** False: it is not the current one any more. */
  renew(run: RunId, lease: string, ttlMs: number): Promise<boolean>
  drop(run: RunId, lease: string): Promise<void>
}

export interface Leases extends RunLocks {
  /**
   * What a write to this key, with or without the store's prefix, must be fenced with; undefined: this process holds no lease on the key's run.
   * Throws once a lease of this process is known to be lost.
   */
  fenceOf(key: string): Fence | undefined
}

export interface Fence {
  readonly run: RunId
  readonly lease: string
}

export class LeaseLostError extends Error {
  constructor(run: RunId, reason: string) {
    super(
      `The lease on run ${run} was lost (${reason}), so another process may be working on it; nothing more was written. Resume the run once no other process does.`,
    )
    this.name = 'LeaseLostError'
  }
}

export function createLeases(table: LeaseTable, context: LockContext, ttlMs = LEASE_MS): Leases {
  const held = new Map<RunId, HeldLease>()

  return {
    async lock(run) {
      const holder = await describeSelf(context.processInfo, context.now())
      const other = await takeLease(table, checkedRunId(run), holder, context, ttlMs)
      if (other) throw heldBy(run, other, context.now(), hintFor(other, context.processInfo.hostname, ttlMs))
      const lease = new HeldLease(table, { run, lease: JSON.stringify(holder) }, ttlMs)
      held.set(run, lease)
      return {
        lost: lease.lost,
        async release() {
          if (held.get(run) === lease) held.delete(run)
          await lease.release()
        },
      }
    },
    async holder(run) {
      const holder = parseHolder((await table.read(checkedRunId(run))) ?? '')
      return holder && !(await isDeadHere(holder, context)) ? nameHolder(holder, context.now()) : undefined
    },
    fenceOf(key) {
      for (const lease of held.values()) lease.throwIfLost()
      const run = /^(?:\w+:)?runs\/([^/]+)\//.exec(key)?.[1]
      return run === undefined ? undefined : held.get(run)?.fence
    },
    async close() {
      const leases = [...held.values()]
      held.clear()
      for (const lease of leases) await lease.release()
    },
  }
}

/** undefined: it is ours. Else who has it. */
async function takeLease(
  table: LeaseTable,
  run: RunId,
  me: Holder,
  context: LockContext,
  ttlMs: number,
): Promise<Holder | undefined> {
  for (;;) {
    if (await table.take(run, JSON.stringify(me), ttlMs)) return undefined
    const text = await table.read(run)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder === undefined)
      throw new Error(`The lease on run ${run} is damaged: ${text}. It runs out by itself within ${ttlMs / 1000} s.`)
    if (!(await isDeadHere(holder, context))) return holder
    if (await table.replace(run, text, JSON.stringify(me), ttlMs)) return undefined
  }
}

/** Only this host's processes can be seen; of others nothing is known until their lease runs out. */
async function isDeadHere(holder: Holder, context: LockContext): Promise<boolean> {
  return holder.hostname === context.processInfo.hostname && !(await context.isAlive(holder))
}

function hintFor(holder: Holder, hostname: string, ttlMs: number): string | undefined {
  if (holder.hostname === hostname) return undefined
  return `If that process is gone, its lease runs out within ${ttlMs / 1000} s.`
}

class HeldLease {
  readonly fence: Fence
  readonly #table: LeaseTable
  readonly #ttlMs: number
  readonly #lost = new AbortController()
  readonly #timer: NodeJS.Timeout
  #renewedAt = performance.now()
  #renewing: Promise<void> | undefined

  constructor(table: LeaseTable, fence: Fence, ttlMs: number) {
    this.#table = table
    this.fence = fence
    this.#ttlMs = ttlMs
    this.#timer = setInterval(
      () => {
        this.#renewing ??= this.#renew().finally(() => {
          this.#renewing = undefined
        })
      },
      Math.min(RENEW_EVERY_MS, ttlMs / 3),
    )
    this.#timer.unref()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  throwIfLost(): void {
    this.#lost.signal.throwIfAborted()
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    if (!this.#lost.signal.aborted) await this.#table.drop(this.fence.run, this.fence.lease)
  }

  /** A renewal that fails is tried again until the lease must have run out; one that is denied is final. */
  async #renew(): Promise<void> {
    const askedAt = performance.now()
    try {
      if (await this.#table.renew(this.fence.run, this.fence.lease, this.#ttlMs)) this.#renewedAt = askedAt
      else this.#lose('it ran out before it was renewed')
    } catch (error) {
      if (performance.now() - this.#renewedAt >= this.#ttlMs) this.#lose(`it could not be renewed: ${messageOf(error)}`)
    }
  }

  #lose(reason: string): void {
    clearInterval(this.#timer)
    this.#lost.abort(new LeaseLostError(this.fence.run, reason))
  }
}
