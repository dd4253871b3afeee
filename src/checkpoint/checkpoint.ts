import type { RunId } from '../core/batch.ts'
import type { Json } from '../core/json.ts'

/**
 * What survives. A few small JSON values under derived keys (core/run.ts, `checkpointKeys`); one key for each batch.
 *
 * A failed read throws; `undefined` means that the key was never written and nothing else. A resolved write is on disk.
 */
export interface CheckpointStore {
  /** As the user would name it, without a password: `sqlite:.batchwright/state.db`. */
  readonly url: string
  read(key: string): Promise<Json | undefined>
  write(key: string, value: Json): Promise<void>
  delete(key: string): Promise<void>
  /**
   * Makes this process the only one that works on the run. Throws UserError naming the holder while it lives; takes
   * over at once from a holder that died.
   */
  lock(run: RunId): Promise<RunLock>
  /** Who holds the run's lock now; undefined: nobody alive. */
  holder(run: RunId): Promise<string | undefined>
  close(): Promise<void>
}

export interface RunLock {
  /** Aborts when the lock was lost (a lease that could not be renewed): stop writing. */
  readonly lost: AbortSignal
  release(): Promise<void>
}
