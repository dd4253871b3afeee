// What the local page shows, handed to it by whoever can read runs. Everything is read; nothing is ever changed.

import type { Outcome, Status } from '../core/result.ts'
import type { Round } from '../core/told-round.ts'
import type { RunView } from '../report/run-view.ts'

export interface UiData {
  /** Newest first, at most so many; `total`: how many there are. */
  runs(limit: number): Promise<{ readonly runs: readonly RunView[]; readonly total: number }>
  /** undefined: there is no such run. */
  run(run: string): Promise<RunView | undefined>
  outcomes(run: string, query: OutcomeQuery): Promise<OutcomePage | undefined>
  /** `batch` undefined: it is looked for in all of them. */
  row(run: string, batch: number | undefined, key: string): Promise<RowView | undefined>
  /** A document of that row's request; undefined: it has none at that place, or it must not be shown. */
  document(run: string, batch: number, key: string, at: number): Promise<DocumentBytes | undefined>
}

export interface OutcomeQuery {
  readonly status?: Status
  /** Looked for in keys, answers and errors, upper and lower case alike. */
  readonly text?: string
  /** The first row that is looked at, counted from 0. */
  readonly from: number
  readonly limit: number
}

export interface OutcomePage {
  readonly rows: readonly UiRow[]
  /** Where the next page begins; null: there is none. A page may be short, even empty, when looking took too long. */
  readonly next: number | null
  readonly total: number
}

/** An outcome as a line of a table. */
export interface UiRow {
  readonly ordinal: number
  readonly batch: number
  readonly key: string
  readonly status: Status
  /** The beginning of the answer. */
  readonly excerpt: string
  readonly error: { readonly type: string; readonly message: string } | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number | null
  readonly attempts: number
}

export interface RowView {
  readonly run: string
  readonly key: string
  readonly batch: number
  /** null: the row still waits for an answer. */
  readonly outcome: Outcome | null
  readonly rounds: readonly Round[]
  readonly documents: readonly DocumentView[]
}

export interface DocumentView {
  readonly path: string
  readonly mediaType: string
  readonly size: number
  readonly pages?: number
  /** Why it cannot be shown as it was sent; null: it can. */
  readonly trouble: string | null
}

export interface DocumentBytes {
  readonly mediaType: string
  readonly size: number
  open(): AsyncIterable<Uint8Array>
}
