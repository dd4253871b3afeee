import type { Problem } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'

/** One call of a tool, as the model made it for a row. */
export interface HandlerCall {
  readonly tool: string
  readonly toolUseId: string
  readonly input: Json
  /** The fields of the row that is asked about. */
  readonly row: JsonObject
  /** The same when this very call is made again after a crash, and no other call's: for handlers that have effects. */
  readonly idempotencyKey: string
}

/** What goes back to the model. */
export interface ToolResult {
  /** A text, or content blocks of the Messages API (text, image, document, search_result). */
  readonly content: string | readonly JsonObject[]
  /** The model reads the content as what went wrong. */
  readonly isError: boolean
}

/**
 * The handlers of a job's tools. `check` is called before anything is sent, `run` any number of times and several at
 * once, `close` once at the end.
 */
export interface ToolHandlers {
  /** What keeps a handler from being run at all: a module, an export or a command that is not there. */
  check(): Promise<readonly Problem[]>
  /**
   * Runs the handler of a tool, the input checked against the tool's schema first. Whatever the handler does (it throws,
   * hangs, says too much, ends its process) is a result with `isError`. Throws HandlerGoneError when there is no handler
   * any more, and the signal's reason when that aborts.
   */
  run(call: HandlerCall, signal: AbortSignal): Promise<ToolResult>
  /** Ends every process that was started. */
  close(): Promise<void>
}

/** A handler that was there when the job was checked can no longer be started: no result could be true. */
export class HandlerGoneError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HandlerGoneError'
  }
}
