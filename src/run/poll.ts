// One poll for all batches that are out: the provider's list, newest first, as far back as the oldest of them.

import { RefusedError } from '../core/errors.ts'
import type { RemoteBatch } from '../provider/provider.ts'
import type { Desk } from './desk.ts'
import type { LiveContext, Pace } from './ports.ts'

/** How often to poll and how long the provider has been silent. */
export class Poller {
  readonly #pace: Pace
  readonly #random: () => number
  #intervalMs: number
  #silentSince: number | undefined
  /** Nothing is polled before this time. */
  pollAt = 0

  constructor(pace: Pace, random: () => number) {
    this.#pace = pace
    this.#random = random
    this.#intervalMs = pace.pollMinMs
  }

  /** Something happened: the next news may be near. */
  hurry(now: number): void {
    this.#intervalMs = this.#pace.pollMinMs
    this.pollAt = Math.min(this.pollAt, now + this.#intervalMs)
  }

  /** After a poll without news the pause grows by half, up to the longest. */
  relax(now: number): void {
    this.#silentSince = undefined
    this.pollAt = now + this.#jittered(this.#intervalMs)
    this.#intervalMs = Math.min(this.#pace.pollMaxMs, this.#intervalMs * 1.5)
  }

  /** True when the provider has been out of reach for longer than we are patient. */
  failed(now: number, retryAfterMs: number | undefined): boolean {
    this.#silentSince ??= now
    this.pollAt = now + Math.max(retryAfterMs ?? 0, this.#jittered(this.#intervalMs))
    this.#intervalMs = Math.min(this.#pace.pollMaxMs, this.#intervalMs * 2)
    return now - this.#silentSince > this.#pace.patienceMs
  }

  #jittered(ms: number): number {
    return ms * (0.9 + this.#random() / 5)
  }
}

export async function poll(context: LiveContext, desk: Desk, poller: Poller, signal: AbortSignal): Promise<void> {
  const waiting = new Map<string, number>()
  let oldest = Number.POSITIVE_INFINITY
  for (const { phase, remote, index } of desk.states) {
    if (phase !== 'submitted' || remote === null) continue
    waiting.set(remote.id, index)
    oldest = Math.min(oldest, remote.createdAt)
  }
  let news = 0
  try {
    for await (const batch of context.api.list(signal)) {
      const index = waiting.get(batch.id)
      if (index !== undefined) {
        waiting.delete(batch.id)
        if (await note(context, desk, index, batch)) news += 1
      }
      if (waiting.size === 0 || batch.createdAt < oldest) break
    }
    // A batch that the list does not show yet (or any more) is asked for by name.
    for (const [id, index] of waiting) {
      const batch = await context.api.retrieve(id, signal)
      if (batch === undefined)
        throw new Error(`${id} is not known to the provider (its key may belong to another workspace)`)
      if (await note(context, desk, index, batch)) news += 1
    }
  } catch (error) {
    signal.throwIfAborted()
    unreachable(context, desk, poller, error)
    return
  }
  if (news > 0) poller.hurry(context.clock.now())
  poller.relax(context.clock.now())
}

/** True when the batch has ended. */
async function note(context: LiveContext, desk: Desk, index: number, batch: RemoteBatch): Promise<boolean> {
  if (batch.status === 'running') return false
  if (desk.state(index).phase !== 'submitted') return false
  if (batch.status === 'failed') {
    await desk.commit(index, { type: 'failed', message: batch.failure ?? 'The provider says that the batch failed.' })
    desk.halt({
      exitCode: 1,
      reason: 'refused',
      message: `Batch ${index} (${batch.id}) failed at the provider: ${batch.failure}`,
    })
    return true
  }
  await desk.commit(index, { type: 'ended', at: batch.endedAt ?? context.clock.now() })
  context.notify({ type: 'ended', index, text: batch.id })
  return true
}

function unreachable(context: LiveContext, desk: Desk, poller: Poller, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RefusedError && error.refusal === 'unauthorised') {
    desk.halt({ exitCode: 1, reason: 'account', message: `The provider refuses the key: ${message}` })
    return
  }
  const retryAfterMs = error instanceof RefusedError ? error.retryAfterMs : undefined
  const isOver = poller.failed(context.clock.now(), retryAfterMs)
  context.notify({ type: 'note', text: `The provider could not be asked (${message}); trying again.` })
  if (isOver) {
    desk.halt({
      exitCode: 1,
      reason: 'unreachable',
      message: `The provider has been out of reach for too long (${message}). Nothing is lost; resume goes on.`,
    })
  }
}
