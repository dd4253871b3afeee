// Lands an ended batch's results, proves that they are its own, settles its rows and stores the follow-ups.

import { ArtifactMissingError } from '../artifact/artifact.ts'
import { InvariantError } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import type { BatchState } from '../core/run.ts'
import { ResultsElsewhereError, ResultsGoneError } from '../provider/provider.ts'
import { backoffMs } from './backoff.ts'
import { dropClaim, writeClaim } from './claim.ts'
import type { Desk } from './desk.ts'
import { indexUndamaged, LandedDamagedError } from './landed-damage.ts'
import { ForeignResultsError, type Landed, landResults } from './landing.ts'
import { readWithdrawn } from './outgoing.ts'
import type { LiveContext } from './ports.ts'
import { PlanDamagedError } from './request-file.ts'
import { TornResultsError } from './result-line.ts'
import type { Roster } from './roster.ts'
import { settleAttempt } from './settle-attempt.ts'
import type { ToolRunner } from './tools.ts'
import { rosterOf } from './trail.ts'

/** A gap that so many whole downloads agree on is the provider's own: the rows are reported, never sent again by us. */
const DOWNLOADS_BEFORE_GAP_IS_REAL = 4

/** Whole downloads with the same gap so far, by batch; in memory, because repeating a few downloads is cheap. */
export type Gaps = Map<number, { missing: number; bytes: number; times: number }>

export async function collect(
  context: LiveContext,
  desk: Desk,
  index: number,
  runTools: ToolRunner,
  gaps: Gaps,
  signal: AbortSignal,
): Promise<void> {
  const state = desk.state(index)
  let landed: Landed | undefined
  try {
    landed = await landedOrDownloaded(context, state, gaps, signal)
  } catch (error) {
    signal.throwIfAborted()
    await notLanded(context, desk, state, error)
    return
  }
  if (landed === undefined) {
    await deferCollect(context, desk, state, `The results of batch ${index} lack lines; downloading them again.`)
    return
  }
  if (state.remote !== null && !state.remote.confirmed) await writeClaim(context, state, state.remote.id, true)
  try {
    await settleAndCommit(context, desk, state, landed, runTools, signal)
  } catch (error) {
    if (!(error instanceof TornResultsError)) throw error
    // Every id was there, but a line is no answer: the file is no better than a broken download.
    await context.artifacts.remove(context.header.run, runFiles.results(index, state.attempt))
    await deferCollect(context, desk, state, `The results of batch ${index} are garbled; downloading them again.`)
  }
}

/** An attempt of which nothing can be sent is settled at once. */
export async function settleUnsent(
  context: LiveContext,
  desk: Desk,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const state = desk.state(index)
  await settleAndCommit(context, desk, state, undefined, neverTools, signal)
}

async function neverTools(): Promise<never> {
  throw new Error('An attempt that did not travel has no tool calls.')
}

async function settleAndCommit(
  context: LiveContext,
  desk: Desk,
  state: BatchState,
  landed: Landed | undefined,
  runTools: ToolRunner,
  signal: AbortSignal,
): Promise<void> {
  const mayFollowUp = state.cancel === 'no'
  const settled = await settleAttempt(context, state, landed, mayFollowUp, runTools, signal)
  const at = context.clock.now()
  const { tally, failed, followUps } = settled
  const parsed = landed === undefined ? 0 : landed.index.found - landed.index.plain
  const next = await desk.commit(state.index, { type: 'collected', at, tally, failed, parsed, followUps })
  if (settled.stop !== null) desk.halt({ exitCode: 1, reason: 'account', message: settled.stop })
  const answered = landed?.index.size ?? 0
  const { succeeded } = tally.statuses
  const again = followUps?.requests ?? 0
  const text = `${succeeded} of ${answered} succeeded${again === 0 ? '' : `, ${again} to ask again`}`
  context.notify({ type: 'done', index: state.index, text, answered, succeeded, again, attempt: next.attempt })
}

/** undefined: a whole download with a gap that has not been seen often enough. */
async function landedOrDownloaded(
  context: LiveContext,
  state: BatchState,
  gaps: Gaps,
  signal: AbortSignal,
): Promise<Landed | undefined> {
  const { artifacts, header, api } = context
  const withdrawn = await readWithdrawn(context, state.index, state.attempt)
  const due = state.take ?? state.requests
  const roster = await rosterOf(context, state.index, state.attempt, due, state.withdrawn > 0 ? withdrawn : new Map())
  if ((await artifacts.size(header.run, runFiles.results(state.index, state.attempt))) !== undefined) {
    const landed = await landedBefore(context, state, roster)
    if (landed !== undefined) return landed
  }
  const open = () => api.results(state.remote?.id ?? '', signal)
  const landed = await landResults(context, state, roster, open, (short) => isRealGap(state.index, short, gaps))
  return landed.committed ? landed : undefined
}

/** undefined: what an earlier process landed was damaged since, and is removed. */
async function landedBefore(context: LiveContext, state: BatchState, roster: Roster): Promise<Landed | undefined> {
  try {
    return await indexUndamaged(context, state, roster)
  } catch (error) {
    if (!(error instanceof LandedDamagedError)) throw error
    await context.artifacts.remove(context.header.run, error.artifact)
    return undefined
  }
}

function isRealGap(index: number, short: Landed, gaps: Gaps): boolean {
  const before = gaps.get(index)
  const isSame = before !== undefined && before.missing === short.missing && before.bytes === short.bytes
  const times = isSame ? before.times + 1 : 1
  gaps.set(index, { missing: short.missing, bytes: short.bytes, times })
  return times >= DOWNLOADS_BEFORE_GAP_IS_REAL
}

async function notLanded(context: LiveContext, desk: Desk, state: BatchState, error: unknown): Promise<void> {
  const { index, remote } = state
  if (error instanceof ForeignResultsError && remote !== null && !remote.confirmed) {
    await disown(context, desk, state, remote.id)
    return
  }
  if (error instanceof ResultsElsewhereError) {
    desk.halt({ exitCode: 1, reason: 'account', message: error.message })
    return
  }
  if (error instanceof ResultsGoneError) {
    await desk.commit(index, { type: 'results_lost', why: error.message })
    const text = `The results of batch ${index} are gone. You are asked what to do once the other batches are finished.`
    context.notify({ type: 'warning', index, text })
    return
  }
  const isFault = error instanceof TornResultsError || error instanceof ForeignResultsError || isNetworkFault(error)
  if (!isFault) throw error
  const why = (error as Error).message
  await deferCollect(
    context,
    desk,
    state,
    `The results of batch ${index} could not be landed (${why}); downloading again.`,
  )
}

/** The adopted batch is not ours: forget it and look again. */
async function disown(context: LiveContext, desk: Desk, state: BatchState, id: string): Promise<void> {
  await dropClaim(context, state, id)
  await desk.commit(state.index, { type: 'disowned', id })
  context.notify({
    type: 'note',
    index: state.index,
    text: `${id} turned out not to be batch ${state.index}; looking again.`,
  })
}

/** Times a download is tried in a row before the run stops and says so. */
const MAX_DOWNLOADS = 12

async function deferCollect(context: LiveContext, desk: Desk, state: BatchState, text: string): Promise<void> {
  const pause = backoffMs(state.deferrals, context.pace, context.random)
  await desk.commit(state.index, { type: 'collect_deferred', notBefore: context.clock.now() + pause })
  context.notify({ type: 'note', index: state.index, text })
  if (state.deferrals + 1 >= MAX_DOWNLOADS) {
    const message = `${text} It failed ${MAX_DOWNLOADS} times; nothing is lost, and resume tries again.`
    desk.halt({ exitCode: 1, reason: 'unreachable', message })
  }
}

/** Faults of the connection or the provider, as against faults of our own disk or of our own code. */
function isNetworkFault(error: unknown): boolean {
  if (error instanceof InvariantError || error instanceof PlanDamagedError || error instanceof ArtifactMissingError)
    return false
  const code = (error as NodeJS.ErrnoException).code
  return !(typeof code === 'string' && LOCAL_CODES.has(code))
}

const LOCAL_CODES = new Set(['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EPERM', 'ENOENT'])
