import type { RunId } from '../core/batch.ts'
import type { Component } from '../core/component.ts'
import type { JsonObject } from '../core/json.ts'
import type { OutcomeText } from '../core/outcome-text.ts'
import type { Outcome } from '../core/result.ts'

/** What a sink is given of its run. */
export interface SinkContext {
  readonly run: RunId
  readonly jobName: string
  /** Absolute path of the project root; paths in options are relative to it and may not leave it. */
  readonly root: string
  /** Environment variables, for connection strings that name one. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Renders the sink's `template` over an outcome; absent where the sink has no template. */
  readonly render?: (outcome: Outcome) => string
  /** Renders a path or column template (a text with {{…}}) over an outcome, `run` and `job`. */
  readonly renderText: (text: string, outcome: Outcome | null) => string
  /** The schema of `output`, where the job has one: types for columns. */
  readonly outputSchema?: JsonObject
  readonly signal: AbortSignal
}

/** The unit a sink commits: the outcomes of one batch, once all its rows are final. */
export interface PartId {
  readonly index: number
  /** The batch's last attempt: a later part of the same index replaces the earlier one. */
  readonly attempt: number
}

/**
 * Receives outcomes, already selected.
 *
 * `delivery: 'whole'` (files): the run opens the sink, writes all parts in dataset order, each when its rows are final, and
 * calls finish when all are, which makes the content appear at once (temporary file, fsync, rename, fsync of the folder). A crash
 * before that leaves the old content and no trace but a temporary file, which the next open removes.
 *
 * `delivery: 'parts'` (databases, webhooks, stdout): a part is delivered as soon as its batch is done, in any order; a
 * part that was written before and is written again changes nothing (or, where the component says so, may arrive twice).
 */
export interface Sink extends Component {
  readonly delivery: 'whole' | 'parts'
  /** Of `whole` sinks: it needs nothing of this process but the disk, so a thread may write it while batches are still out. */
  readonly mayRunAside?: boolean
  /** Tries, without leaving a trace, whether the sink could be written; throws UserError. Called at planning. */
  probe(options: JsonObject, context: SinkContext): Promise<void>
  open(options: JsonObject, context: SinkContext): Promise<SinkWriter>
}

/** A sink that is open for one run. */
export interface SinkWriter {
  /** At most one part is open at a time. */
  openPart(part: PartId): Promise<SinkPart>
  /** Publishes all committed parts and closes. */
  finish(): Promise<void>
  /** Closes after an error without publishing; never throws. */
  abort(): Promise<void>
  /** Where a person finds it: the path, table or URL. */
  readonly location: string
}

/** The outcomes of one batch on their way in. */
export interface SinkPart {
  /** Outcomes come in dataset order within a part. */
  write(outcome: Outcome): Promise<void> | void
  /** The same for an outcome that is JSON already; absent: the sink wants the outcome itself. */
  writeText?(outcome: OutcomeText): Promise<void> | void
  /** Resolved = as durable as the sink can make it (for `whole` sinks: with finish). */
  commit(): Promise<void>
  /** Undoes what this part wrote; never throws. */
  abort(): Promise<void>
}
