// What the run loop needs from the world: promises only, never those who keep them.

import type { ArtifactStore } from '../artifact/artifact.ts'
import type { CheckpointStore } from '../checkpoint/checkpoint.ts'
import type { CompiledSchema } from '../core/json-schema.ts'
import type { BatchState, RunHeader } from '../core/run.ts'
import type { BatchApi, ModelSpec, Provider } from '../provider/provider.ts'
import type { Uploads } from './uploads.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** How patient a run is; a provider on this machine is asked more often. Milliseconds. */
export interface Pace {
  readonly pollMinMs: number
  readonly pollMaxMs: number
  /** A batch that a look does not find is absent only after this long. */
  readonly lookGraceMs: number
  readonly lookEveryMs: number
  /** How far the provider's clock may be behind ours. */
  readonly skewMs: number
  /** First pause after the provider refused for now; doubles up to `backoffMaxMs`. */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  /** How long the provider may be out of reach before the run stops (and can be resumed). */
  readonly patienceMs: number
}

/** What happened, for the person who watches. */
export type Notice =
  | {
      readonly type: 'submitting'
      readonly index: number
      readonly text: string
      readonly requests: number
      readonly bytes: number
    }
  /** `text`: the provider's id of the batch. */
  | { readonly type: 'submitted' | 'adopted' | 'ended'; readonly index: number; readonly text: string }
  | {
      /** The results of an attempt are in. */
      readonly type: 'done'
      readonly index: number
      readonly text: string
      readonly answered: number
      readonly succeeded: number
      /** Rows that are asked once more, as `attempt`. */
      readonly again: number
      readonly attempt: number
    }
  | { readonly type: 'note' | 'warning'; readonly index?: number; readonly text: string }

/** How a run stands at one moment, for a display. Whoever is given it changes nothing. */
export interface RunView {
  readonly header: RunHeader
  readonly states: readonly BatchState[]
  /** When the provider is asked next; undefined: nothing is out, or it is being asked now. */
  readonly nextPollAt: number | undefined
  /** USD that may be spent; null: no budget. */
  readonly maxUsd: number | null
  /** What the batches at the provider may still cost at most, USD; 0 where the price is unknown. */
  readonly outUsdMax: number
}

/** Everything about one run that its commands use. */
export interface RunContext {
  readonly header: RunHeader
  readonly store: CheckpointStore
  readonly artifacts: ArtifactStore
  readonly provider: Provider
  readonly model: ModelSpec | undefined
  readonly schema: CompiledSchema | undefined
  /** Absolute folders that document paths are relative to. */
  readonly folders: { readonly root: string; readonly run: string }
}

/** A context that can also talk to the provider. */
export interface LiveContext extends RunContext {
  readonly api: BatchApi
  readonly clock: Clock
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly pace: Pace
  readonly notify: (notice: Notice) => void
  /** Absent: the provider has no Files API, and no document of the run wants it. */
  readonly uploads?: Uploads
  /** Told how the run stands whenever the loop has decided anew, and once when it leaves. */
  readonly onTick?: (view: RunView) => void
}
