import type { PlannedBatch, RequestShape, RunId } from './batch.ts'
import type { Refusal } from './errors.ts'
import type { Estimate } from './estimate.ts'
import type { Job } from './job.ts'
import type { Status, Usage } from './result.ts'
import type { SurplusBatch } from './surplus.ts'

/** The form of plans that are written. 2: parts of a request may be stretches of its row's text; 1 is read as well. */
export const PLAN_VERSION = 2

/** What `plan` writes last: with it the plan exists, without it there is no plan. Never changed afterwards. */
export interface RunHeader {
  readonly version: 1 | typeof PLAN_VERSION
  readonly run: RunId
  /** The short part of the run id that every custom_id of the run contains. */
  readonly tag: string
  readonly job: Job
  /** True: it runs on the built-in emulator, and never on the provider. */
  readonly local: boolean
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly shapes: readonly RequestShape[]
  readonly batches: readonly PlannedBatch[]
  /** Rows = requests + rejected + reused. */
  readonly rows: number
  readonly requests: number
  readonly rejected: number
  readonly reused: number
  /** Runs whose files the reused answers were copied from. Absent: none, or a run of an older version. */
  readonly reusedFrom?: readonly RunId[]
  /** Rows whose templates had to be rendered, because they could not be copied from the dataset's bytes. */
  readonly fallbackRows?: number
  /** With `reuse`: why the requests are new, by reason. */
  readonly newBecause?: Readonly<Partial<Record<NewReason, number>>>
  /** sha256 over the job and the batches: equal digests, equal plans. */
  readonly digest: string
  readonly estimate: Estimate
}

/** Why a row's answer could not be taken from an earlier run. `row_changed`: its own fields, as far as the prompt uses them. */
export const NEW_REASONS = [
  'new_row',
  'row_changed',
  'prompt_changed',
  'document_changed',
  'model_changed',
  'params_changed',
  'failed_before',
] as const
export type NewReason = (typeof NEW_REASONS)[number]

/** What a plan's requests come to, in tokens and USD. */
/** Who the run talks to; recorded at the first submission, and a resume under others is refused. */
export interface RunIdentity {
  readonly provider: string
  readonly baseUrl: string
  readonly workspace: string | null
  /** First 12 hex digits of the sha256 of the key: recognises it, reveals nothing. */
  readonly keyFingerprint: string
}

/**
 * What is stored of the run beside its batches, for people: how the last process left it. The truth about requests is
 * always the fold over the batches.
 */
export interface RunState {
  readonly version: 1
  readonly status: 'planned' | 'running' | 'detached' | 'interrupted' | 'stopped' | 'canceled' | 'completed'
  readonly startedAt: number
  readonly finishedAt: number | null
  /** Why it stopped, for `status: stopped`: gate, budget, spend limit … in words. */
  readonly reason: string | null
  readonly outputs: readonly SinkReport[]
  /** Batches that the provider took twice, or may have; absent: none was found. */
  readonly surplus?: readonly SurplusBatch[]
}

/** What one sink holds. */
export interface SinkReport {
  readonly type: string
  /** The path, table or URL, as a person would look for it. */
  readonly path: string
  readonly rows: number
}

export type Phase = 'planned' | 'submitting' | 'submitted' | 'ended' | 'done' | 'refused'

/** A batch at the provider that we hold to be ours. */
export interface RemoteClaim {
  readonly id: string
  readonly createdAt: number
  readonly expiresAt: number | null
  /** False: adopted after a lost answer; its results must first show that it is ours. */
  readonly confirmed: boolean
}

/** A create call that was over without an answer. Times are milliseconds since 1970. */
export interface UnclearSubmission {
  readonly attempt: number
  readonly from: number
  readonly to: number
  readonly requests: number
}

/** One finished trip to the provider. */
export interface Trip {
  readonly attempt: number
  readonly id: string
  readonly requests: number
  readonly bytes: number
  readonly createdAt: number
  readonly endedAt: number
  /** When its results were landed and settled here. */
  readonly collectedAt: number
  /** Rows of this trip that failed for good: what the error gate looks at. */
  readonly failed: number
  /** Results that had to be parsed, because they are more than one finished text; absent in runs of older versions. */
  readonly parsed?: number
}

/** Rows of a batch whose outcome is final, by status, and what all its answers used. */
export interface Tally {
  readonly statuses: Readonly<Record<Status, number>>
  readonly usage: Usage
  /** null: the model's price is unknown. */
  readonly costUsd: number | null
  /** What the receipt says beside the cost; absent: nothing was spent. */
  readonly spending?: Spending
}

/** USD, of answers whose price is known. */
export interface Spending {
  /** What the answers would have cost one by one, at list price and without caching. */
  readonly listUsd: number
  /** The same at the batch price. */
  readonly batchUsd: number
  /** Parts of the cost: answers to requests that were sent again, with repairs, with more room, after tools or a pause. */
  readonly retriesUsd: number
  readonly repairsUsd: number
  readonly truncationUsd: number
  readonly roundsUsd: number
}

/** All that changes about a batch, under one key. Times are milliseconds since 1970. */
export interface BatchState {
  readonly version: 1
  readonly index: number
  readonly phase: Phase
  /** Counts from 1. Requests of attempt 1 are the planned batch; later attempts have a request file of their own. */
  readonly attempt: number
  readonly requests: number
  readonly bytes: number
  /** sha256 of the attempt's request file, hex. */
  readonly digest: string
  /** After the provider found the batch too large: only this many of the attempt's requests are sent, the rest later. */
  readonly take: number | null
  /** What this attempt costs at most, USD, and the dearest of its requests; absent: as the plan says. */
  readonly boundUsd?: number
  readonly boundUsdOfOne?: number
  /** Requests of this attempt that are not sent because a document changed since planning; listed in a file. */
  readonly withdrawn: number
  /** Nothing is done about the batch before this time. */
  readonly notBefore: number
  /** Times in a row that the provider surely did not take it. */
  readonly deferrals: number
  /** When the intent to submit was stored: a look goes back to here. */
  readonly submittingSince: number | null
  /** When it was first known that the create call was over without an answer: what was created later is not ours. */
  readonly unclearSince: number | null
  /** Submissions that ended unclearly: a batch of this size, created then, may be a surplus twin. */
  readonly unclear: readonly UnclearSubmission[]
  /** Batches of the provider that turned out not to be this one. */
  readonly excluded: readonly string[]
  readonly remote: RemoteClaim | null
  readonly endedAt: number | null
  /** Why the results of the ended batch cannot be had any more: what is done then, a person decides. Absent, null: they can. */
  readonly lost?: string | null
  /** A person asked for it; `sent` once the provider has been told. */
  readonly cancel: 'no' | 'requested' | 'sent'
  readonly trips: readonly Trip[]
  readonly tally: Tally
  readonly refusal: { readonly refusal: Refusal; readonly message: string } | null
}

/** Every key we store, derived and never listed. */
export const checkpointKeys = {
  /** Local trials and real runs of a job do not know of each other. */
  latestRun: (job: string, local: boolean): string => `latest/${local ? 'local' : 'provider'}/${job}`,
  header: (run: RunId): string => `runs/${run}/header`,
  identity: (run: RunId): string => `runs/${run}/identity`,
  state: (run: RunId): string => `runs/${run}/state`,
  /** What a person asks of the process that works on the run. */
  wish: (run: RunId): string => `runs/${run}/wish`,
  batch: (run: RunId, index: number): string => `runs/${run}/batch/${String(index).padStart(4, '0')}`,
  /** What a tool's handler gave for one call of a row's turn. */
  toolResult: (run: RunId, index: number, attempt: number, ordinal: number, toolUseId: string): string =>
    `runs/${run}/tool/${String(index).padStart(4, '0')}/${attempt}/${ordinal}/${toolUseId}`,
  /** Which batch of ours a batch of the provider is, so that a look never takes one that is already claimed. */
  claim: (provider: string, remoteId: string): string => `claims/${provider}/${remoteId}`,
  /** Which uploaded file holds a content; `scope` names whose files they are, `digest` the content. */
  upload: (scope: string, digest: string): string => `files/${scope}/${digest}`,
  /** How many parts of which attempt a database or webhook sink has received. */
  delivery: (run: RunId, sink: number, index: number): string =>
    `runs/${run}/delivery/${sink}/${String(index).padStart(4, '0')}`,
}
