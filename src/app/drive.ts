// Takes a planned run on: lock, connection, loop, delivery. Both `run` and `resume` end here.

import { UserError } from '../core/errors.ts'
import { isSelected, type Status } from '../core/result.ts'
import { type BatchState, checkpointKeys, type RunHeader, type RunState } from '../core/run.ts'
import type { Courier } from '../run/courier.ts'
import { type Decisions, decide } from '../run/decide.ts'
import { type BoundSink, Delivery } from '../run/deliver.ts'
import { Desk, readStates, type Stop } from '../run/desk.ts'
import type { LiveContext } from '../run/ports.ts'
import { repairing, restoreResults } from '../run/restore.ts'
import { retentionWarning } from '../run/retention.ts'
import { retryFailed } from '../run/retry.ts'
import { runToEnd } from '../run/runner.ts'
import type { SinkError } from '../run/sink-error.ts'
import type { RunSummary } from '../run/summary.ts'
import { createToolRunner } from '../run/tools.ts'
import { bindSinks, contextOf } from './bind.ts'
import { type Connected, connect, uploadsOf } from './connect.ts'
import { createCourier } from './courier.ts'
import { checkIdentity, checkModel } from './identity.ts'
import { reserveUsd } from './reserve.ts'
import { indexAnswers } from './reuse.ts'
import { readRunState, summaryOf, writeRunState } from './runs.ts'
import { keptSurplus, noteSurplus } from './surplus.ts'
import { lendHandlers } from './tool-handlers.ts'
import type { Workspace } from './workspace.ts'

export interface DriveOptions {
  readonly detach: boolean
  /** Cancel what is out, send nothing more, collect what was answered. */
  readonly cancel: boolean
  /** Ask the failed rows of a finished run again, as one more attempt. */
  readonly retry: boolean
  /** USD, in place of the job's budget: a run that it stopped goes on with more. */
  readonly maxUsd?: number
  /** What a person decided of batches whose fate was unknown: index → the provider's id, or undefined to send again. */
  readonly decisions: Decisions
}

export interface DriveEnd {
  readonly exitCode: 0 | 1 | 3 | 4 | 5 | 130
  readonly summary: RunSummary
  /** Why it stopped before the end; undefined: it did not. */
  readonly message: string | undefined
  /** True: the budget stopped it, so it goes on only with a larger one. */
  readonly needsBudget?: boolean
}

/** Throws UserError when another process holds the run, the key is missing, or the run belongs to another provider or key. */
export async function driveRun(workspace: Workspace, header: RunHeader, options: DriveOptions): Promise<DriveEnd> {
  const lock = await workspace.store.lock(header.run)
  try {
    const connected = await connect(workspace, header.job, header.local)
    try {
      const signal = AbortSignal.any([workspace.surroundings.signal, lock.lost])
      return await driveWith(workspace, header, connected, options, signal)
    } finally {
      await connected.close()
    }
  } finally {
    await lock.release()
  }
}

/** The same for whoever holds the run's lock and a connection. */
export async function driveWith(
  workspace: Workspace,
  header: RunHeader,
  connected: Connected,
  options: DriveOptions,
  signal: AbortSignal,
): Promise<DriveEnd> {
  await checkIdentity(workspace, header, connected.identity)
  if (connected.isOfficial) await checkModel(workspace, header, connected.api)
  const { surroundings } = workspace
  const stored = contextOf(workspace, header)
  const context: LiveContext = {
    ...stored,
    ...uploadsOf({ ...stored, notify: surroundings.notify }, connected),
    api: connected.api,
    clock: surroundings.clock,
    random: surroundings.random,
    pace: connected.pace,
    notify: surroundings.notify,
    ...(surroundings.onTick === undefined ? {} : { onTick: surroundings.onTick }),
  }
  return drive(workspace, context, options, signal)
}

async function drive(
  workspace: Workspace,
  context: LiveContext,
  options: DriveOptions,
  signal: AbortSignal,
): Promise<DriveEnd> {
  const { header } = context
  const { surroundings } = workspace
  const before = await readRunState(workspace, header.run)
  const startedAt = before?.startedAt ?? surroundings.clock.now()
  await workspace.store.delete(checkpointKeys.wish(header.run))
  const { outputs = [] } = before ?? {}
  await writeRunState(workspace, header.run, {
    ...running,
    startedAt,
    outputs,
    ...(await keptSurplus(workspace, header.run)),
  })
  await applyWishes(context, options)
  const warning = retentionWarning(
    await readStates(context),
    context.provider.limits.resultsKeptMs,
    surroundings.clock.now(),
  )
  if (warning !== undefined) context.notify({ type: 'warning', text: warning })
  const sinks = bindSinks(workspace, { run: header.run, job: header.job }, signal)
  // Whoever leaves before the end would leave with files that are written for nothing.
  const courier = options.detach ? undefined : createCourier(workspace, header, sinks)
  try {
    return await runAndDeliver(workspace, context, options, { sinks, courier, startedAt, signal })
  } finally {
    await courier?.close()
  }
}

interface Driving {
  readonly sinks: readonly BoundSink[]
  readonly courier: Courier | undefined
  readonly startedAt: number
  readonly signal: AbortSignal
}

async function runAndDeliver(
  workspace: Workspace,
  context: LiveContext,
  options: DriveOptions,
  { sinks, courier, startedAt, signal }: Driving,
): Promise<DriveEnd> {
  const { header } = context
  const delivery = new Delivery(context, sinks, courier)
  const { interrupted } = workspace.surroundings
  if (courier !== undefined) {
    for (const state of await readStates(context)) if (state.phase === 'done') courier.done(state)
  }
  const isOpen = !options.cancel && (await readStates(context)).some((state) => state.phase !== 'done')
  const end = await lendHandlers(workspace, header, isOpen, (handlers) =>
    runToEnd(context, {
      detach: options.detach,
      maxUsd: options.maxUsd ?? header.job.budget?.maxUsd ?? null,
      reserveUsd: (state) => reserveUsd(header, state),
      runTools: createToolRunner(context, handlers, { interrupted, signal }),
      onCollecting: () => courier?.begin(),
      onDone: (state) => delivery.part(batchOf(header, state), state),
      onConfirmed: (state) => noteSurplus(workspace, context, [state], signal),
      wantsCancel: async () => (await workspace.store.read(checkpointKeys.wish(header.run))) === 'cancel',
      wishEveryMs: isNear(workspace) ? 1000 : 5000,
      interrupted,
      signal,
    }),
  )
  const isComplete = end.states.every((state) => state.phase === 'done')
  if (!isComplete) return leave(workspace, header, startedAt, end, options.detach)
  await restoreResults(context, end.states, signal)
  await noteSurplus(workspace, context, end.states, signal)
  const wasCanceled = options.cancel || end.states.some((state) => state.cancel !== 'no')
  const finish = () => deliver(workspace, context, delivery, end.states, startedAt, wasCanceled)
  return repairing(context, end.states, finish, signal)
}

/** A store in this process or on this machine's disk can be asked as often as one likes. */
function isNear({ store }: Workspace): boolean {
  return /^(sqlite|memory):/.test(store.url)
}

const running: Pick<RunState, 'version' | 'status' | 'finishedAt' | 'reason'> = {
  version: 1,
  status: 'running',
  finishedAt: null,
  reason: null,
}

/** Applies what a person asked for before the loop starts. */
async function applyWishes(context: LiveContext, options: DriveOptions): Promise<void> {
  const desk = await Desk.open(context)
  await decide(context, desk, options.decisions)
  if (options.retry) {
    const rows = await retryFailed(context, desk)
    const asked = rows === 1 ? '1 failed row is' : `${rows} failed rows are`
    context.notify({ type: 'note', text: rows === 0 ? 'No row has failed.' : `${asked} asked again.` })
  }
  if (!options.cancel) return
  for (const state of desk.states) {
    if (state.phase !== 'done') await desk.commit(state.index, { type: 'cancel_requested' })
  }
}

/** The process goes and the run stays: detached, interrupted or stopped. */
async function leave(
  workspace: Workspace,
  header: RunHeader,
  startedAt: number,
  end: { stop: Stop | undefined; interrupted: boolean },
  detach: boolean,
): Promise<DriveEnd> {
  const status = end.interrupted ? 'interrupted' : end.stop !== undefined ? 'stopped' : 'detached'
  const surplus = await keptSurplus(workspace, header.run)
  const state: RunState = { ...running, status, startedAt, reason: end.stop?.message ?? null, outputs: [], ...surplus }
  await writeRunState(workspace, header.run, state)
  const exitCode = end.interrupted ? 130 : (end.stop?.exitCode ?? (detach ? 0 : 1))
  const needsBudget = end.stop?.reason === 'budget'
  return { exitCode, summary: await summaryOf(workspace, header), message: end.stop?.message, needsBudget }
}

async function deliver(
  workspace: Workspace,
  context: LiveContext,
  delivery: Delivery,
  states: readonly BatchState[],
  startedAt: number,
  wasCanceled: boolean,
): Promise<DriveEnd> {
  const { header } = context
  const { reports, failures } = await delivery.all(states)
  const message = failures.length === 0 ? undefined : failureWords(failures)
  const state: RunState = {
    version: 1,
    status: failures.length > 0 ? 'stopped' : wasCanceled ? 'canceled' : 'completed',
    startedAt,
    finishedAt: workspace.surroundings.clock.now(),
    reason: message ?? null,
    outputs: reports,
    ...(await keptSurplus(workspace, header.run)),
  }
  await writeRunState(workspace, header.run, state)
  if (message === undefined) await indexAnswers(workspace, header)
  const summary = await summaryOf(workspace, header)
  if (message !== undefined) return { exitCode: 1, summary, message }
  return { exitCode: hasFailures(summary) ? 3 : 0, summary, message: undefined }
}

function hasFailures(summary: RunSummary): boolean {
  const { total: _total, reused: _reused, pending: _pending, ...statuses } = summary.requests
  return Object.entries(statuses).some(([status, count]) => count > 0 && isSelected('failed', status as Status))
}

function failureWords(failures: readonly SinkError[]): string {
  return [
    'Every answer is landed and safe, but not every sink could be written. Mend the cause; resume delivers the rest.',
    ...failures.map((failure) => `  ${failure.message}`),
  ].join('\n')
}

function batchOf(header: RunHeader, state: BatchState) {
  const batch = header.batches[state.index]
  if (batch === undefined) throw new UserError(`The run has no batch ${state.index}.`)
  return batch
}
