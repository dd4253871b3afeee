// For a user's own sink: one file with one object, typed.

import type { JsonSchema } from '../core/component.ts'
import type { Problem } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Sink, SinkContext, SinkWriter } from './sink.ts'

/** What a sink of one's own says; everything but `open` has a default. */
export interface SinkDefinition<Options extends JsonObject = JsonObject> {
  /** One sentence about it. */
  readonly about?: string
  /**
   * `parts` (default): writing a part again must change nothing, for instance by an upsert over the key.
   * `whole`: what was written shows only at `finish`.
   */
  readonly delivery?: 'whole' | 'parts'
  /** JSON Schema of the options; default: any object. */
  readonly options?: JsonSchema
  check?(options: Options): readonly Problem[]
  probe?(options: Options, context: SinkContext): Promise<void>
  open(options: Options, context: SinkContext): Promise<SinkWriter>
}

/**
 * A sink of one's own, to be named in a job as `{type: module, module: sinks/mine.mjs, options: {…}}`:
 *
 *     export default defineSink({
 *       about: 'Appends the keys to a list.',
 *       async open(options, context) { return { location, openPart, finish, abort } },
 *     })
 *
 * `openPart` answers `{write, commit, abort}`; the contract of each is at `Sink`, and `sinkContract` tests it.
 */
export function defineSink<Options extends JsonObject = JsonObject>(definition: SinkDefinition<Options>): Sink {
  // The options have been checked against the schema before they come here.
  const typed = (options: JsonObject): Options => options as Options
  return {
    type: 'module',
    about: definition.about ?? 'A sink of the project’s own.',
    delivery: definition.delivery ?? 'parts',
    options: definition.options ?? { type: 'object' },
    check: (options) => definition.check?.(typed(options)) ?? [],
    probe: async (options, context) => definition.probe?.(typed(options), context),
    open: (options, context) => definition.open(typed(options), context),
  }
}

/** Whether a value is a sink as `defineSink` makes it; a plain object of the same shape will do. */
export function isSink(value: unknown): value is Sink {
  const sink = value as Partial<Sink> | null
  return (
    typeof sink === 'object' && sink !== null && typeof sink.open === 'function' && typeof sink.probe === 'function'
  )
}
