// Sends an attempt: intent stored, call made once, fact stored. An unclear end is never followed by a second call.

import { RefusedError } from '../core/errors.ts'
import { counted } from '../core/phrase.ts'
import type { BatchState } from '../core/run.ts'
import type { RemoteBatch } from '../provider/provider.ts'
import { backoffMs } from './backoff.ts'
import { writeClaim } from './claim.ts'
import { settleUnsent } from './collect.ts'
import type { Desk } from './desk.ts'
import { travelling } from './machine.ts'
import { outgoing, type Preflight, preflight, readWithdrawn, writeWithdrawn } from './outgoing.ts'
import type { LiveContext } from './ports.ts'
import { customIdOfLine, readRequests } from './request-file.ts'
import { UploadError } from './uploads.ts'

export async function submit(context: LiveContext, desk: Desk, index: number, signal: AbortSignal): Promise<void> {
  const planned = desk.state(index)
  const ready = await preflightOrDefer(context, desk, planned, signal)
  if (ready === undefined) return
  if (ready.withdrawn.size > 0) {
    await writeWithdrawn(context, planned, ready.withdrawn)
    context.notify({
      type: 'warning',
      index,
      text: `Not sent: ${counted(ready.withdrawn.size, 'request')} of batch ${index}. ${[...ready.withdrawn.values()][0]}`,
    })
  }
  if (ready.requests === 0) return settleUnsent(context, desk, index, signal)
  signal.throwIfAborted()
  const { requests, bytes } = ready
  context.notify({ type: 'submitting', index, text: `${requests} requests, ${bytes} bytes`, requests, bytes })
  const state = await desk.commit(index, {
    type: 'submission_started',
    at: context.clock.now(),
    withdrawn: ready.withdrawn.size,
  })
  let remote: RemoteBatch
  try {
    remote = await context.api.submit(outgoing(context, state, ready), signal)
  } catch (error) {
    await notTaken(context, desk, state, error)
    return
  }
  await accepted(context, desk, state, remote, true)
}

/** Times that uploading documents may fail in a row before the run stops and says so. */
const MAX_UPLOAD_TRIES = 8

/** undefined: documents could not be uploaded for now; nothing of the batch was sent. */
async function preflightOrDefer(
  context: LiveContext,
  desk: Desk,
  state: BatchState,
  signal: AbortSignal,
): Promise<Preflight | undefined> {
  try {
    return await preflight(context, state, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RefusedError || error instanceof UploadError)) throw error
    const { index, deferrals } = state
    const pause =
      (error instanceof RefusedError ? error.retryAfterMs : undefined) ??
      backoffMs(deferrals, context.pace, context.random)
    await desk.commit(index, { type: 'submission_deferred', notBefore: context.clock.now() + pause })
    const isAccount = error instanceof RefusedError && error.refusal !== 'busy' && error.refusal !== 'queue_full'
    if (isAccount || deferrals + 1 >= MAX_UPLOAD_TRIES) {
      const message = `The documents of batch ${index} cannot be uploaded: ${error.message}`
      desk.halt({ exitCode: 1, reason: isAccount ? 'account' : 'unreachable', message })
    } else {
      context.notify({
        type: 'note',
        index,
        text: `Not uploaded for now (${error.message}); again in ${seconds(pause)} s.`,
      })
    }
    return undefined
  }
}

/** The provider has the batch: the claim first, so that whatever happens next, a look knows whose it is. */
export async function accepted(
  context: LiveContext,
  desk: Desk,
  state: BatchState,
  remote: RemoteBatch,
  confirmed: boolean,
): Promise<void> {
  desk.refusingSince = undefined
  await writeClaim(context, state, remote.id, confirmed)
  await desk.commit(state.index, {
    type: 'submission_accepted',
    remote: { id: remote.id, createdAt: remote.createdAt, expiresAt: remote.expiresAt, confirmed },
  })
  context.notify({ type: confirmed ? 'submitted' : 'adopted', index: state.index, text: remote.id })
}

async function notTaken(context: LiveContext, desk: Desk, state: BatchState, error: unknown): Promise<void> {
  const { clock, pace } = context
  const { index } = state
  if (!(error instanceof RefusedError)) {
    // Nobody knows whether it arrived. Only a look may lead to a second call.
    context.notify({
      type: 'note',
      index,
      text: `No clear answer to the submission (${words(error)}); looking for it.`,
    })
    await desk.commit(index, { type: 'submission_unclear', at: clock.now(), lookAt: clock.now() })
    return
  }
  switch (error.refusal) {
    case 'busy':
    case 'queue_full': {
      const pause = error.retryAfterMs ?? backoffMs(state.deferrals, pace, context.random)
      await desk.commit(index, { type: 'submission_deferred', notBefore: clock.now() + pause })
      if (error.refusal === 'queue_full') learnQueueLimit(desk)
      context.notify({
        type: 'note',
        index,
        text: `Not taken for now (${error.message}); again in ${seconds(pause)} s.`,
      })
      losePatience(context, desk, error.message)
      return
    }
    case 'too_large':
      if (travelling(state) > 1) {
        const take = Math.ceil((state.take ?? state.requests) / 2)
        await desk.commit(index, { type: 'submission_split', take })
        context.notify({
          type: 'note',
          index,
          text: `Too large for the provider; sending ${counted(take, 'request')} of it first.`,
        })
        return
      }
      break
    case 'spend_limit':
    case 'unauthorised':
      await desk.commit(index, { type: 'submission_deferred', notBefore: 0 })
      desk.halt({ exitCode: 1, reason: 'account', message: `The provider refused batch ${index}: ${error.message}` })
      return
    case 'invalid':
      break
  }
  const message = await withRowNamed(context, state, error.message)
  await desk.commit(index, { type: 'submission_refused', refusal: error.refusal, message })
  desk.halt({ exitCode: 1, reason: 'refused', message: `The provider refused batch ${index}: ${message}` })
}

/** APIs speak of `requests.17`; people know their rows by key. */
async function withRowNamed(context: LiveContext, state: BatchState, message: string): Promise<string> {
  const position = Number(/\brequests\.(\d+)\b/.exec(message)?.[1] ?? Number.NaN)
  if (Number.isNaN(position)) return message
  const withdrawn = await readWithdrawn(context, state.index, state.attempt)
  let at = 0
  for await (const line of readRequests(context.artifacts, context.header.run, state.index, state.attempt)) {
    if (withdrawn.has(line.ordinal)) continue
    if (at === position) {
      const customId = customIdOfLine(context.header, line)
      return `${message} (requests.${position} is the row "${line.key}", custom_id ${customId})`
    }
    at += 1
  }
  return message
}

/** A provider that takes nothing for so long has a fault that waiting here does not mend. */
function losePatience(context: LiveContext, desk: Desk, message: string): void {
  const now = context.clock.now()
  desk.refusingSince ??= now
  const isWaiting = desk.states.some(({ phase }) => phase === 'submitted')
  if (isWaiting || now - desk.refusingSince <= context.pace.patienceMs) return
  const text = `The provider has taken nothing for too long (${message}). Nothing is lost; resume goes on.`
  desk.halt({ exitCode: 1, reason: 'unreachable', message: text })
}

/** What waits there now plus nothing more: the refusal says that the queue is full at this size. */
function learnQueueLimit(desk: Desk): void {
  const waiting = desk.states
    .filter((state) => state.phase === 'submitted' || state.phase === 'submitting')
    .reduce((sum, state) => sum + travelling(state), 0)
  desk.queueLimit = Math.max(1, waiting)
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
