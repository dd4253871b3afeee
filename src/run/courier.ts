// Who writes whole files while other batches are still out: the loop's promise of a thread that it does not know.

import type { BatchState, SinkReport } from '../core/run.ts'

export interface Courier {
  /** A batch will be done soon: starts what takes its time to start. */
  begin(): void
  /** A batch is done, whatever is to become of the others. */
  done(state: BatchState): void
  /**
   * Call it when every batch is done: what the sinks hold that it served, by their positions. A sink that is missing has to
   * be written in the usual way, which also tells what is wrong with it. Never throws.
   */
  finish(): Promise<ReadonlyMap<number, SinkReport>>
  /** Leaves nothing behind of what is not finished. Never throws; may be called again. */
  close(): Promise<void>
}
