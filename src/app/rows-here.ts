// The rows of a run, read by whoever asks for them.

import type { Job } from '../core/job.ts'
import { createKeyRenderer } from '../plan/keys.ts'
import { type PlannedRow, selectRows } from '../plan/rows.ts'
import { rowBlocks } from '../source/blocks.ts'
import type { Source } from '../source/source.ts'

export interface RowsTask {
  readonly job: Job
  /** Absolute path of the project root. */
  readonly root: string
}

/** Selected and keyed, in dataset order, in blocks of which each is read before the next. */
export type PlannedBlocks = AsyncGenerator<Iterable<PlannedRow>>

/** Throws UserError for a mistake in the template of the keys. */
export function rowsHere({ job, root }: RowsTask, source: Source, signal: AbortSignal): PlannedBlocks {
  const blocks = rowBlocks(source, job.dataset.options, { root, signal, jobFile: job.file })
  return selectRows(blocks, job.dataset, createKeyRenderer(job))
}
