import type { Problem } from './errors.ts'
import type { JsonObject } from './json.ts'

/** A JSON Schema (2020-12). */
export type JsonSchema = JsonObject

/**
 * Everything pluggable declares itself before anything is opened. The job's schema, the docs and `--help` are made from
 * these declarations; one line in app.ts registers a component.
 */
export interface Component {
  /** The word in the YAML: `type: csv`. */
  readonly type: string
  /** One sentence about it, for the docs and the schema. */
  readonly about: string
  /** Schema of the component's own options, an object schema without `type` itself; every property has a description. */
  readonly options: JsonSchema
  /** Path endings that select this component when the YAML gives only a path: ['.csv']. `.gz` is taken off before. */
  readonly extensions?: readonly string[]
  /** What a schema cannot say about the options. Pure: no I/O, ever. `path` in a problem is relative to the options. */
  check?(options: JsonObject): readonly Problem[]
}
