import type { RunId } from '../core/batch.ts'
import type { RunLock } from './checkpoint.ts'

/** What Keyv asks of a storage adapter, as far as we use it; values are the sealed texts of envelope.ts. */
export interface Adapter {
  /** The text that was stored; undefined: none. */
  get(key: string): Promise<unknown>
  /** false: not stored. */
  set(key: string, value: string): Promise<unknown>
  delete(key: string): Promise<boolean>
  clear(): Promise<void>
  disconnect?(): Promise<void>
  on?(event: 'error', listener: (error: unknown) => void): unknown
  namespace?: string | undefined
}

/** Keeps one process on a run; the promise of `CheckpointStore.lock` and `holder`. */
export interface RunLocks {
  lock(run: RunId): Promise<RunLock>
  holder(run: RunId): Promise<string | undefined>
  /** Releases whatever this process still holds. */
  close(): Promise<void>
}

/** One kind of store: where values are, and how a run is locked there. */
export interface Backend {
  /** As the user would name it, without a password. */
  readonly url: string
  readonly adapter: Adapter
  readonly locks: RunLocks
}
