// Columns: which values of an outcome a table, a CSV file or a JSON object shows, and under which names.

import type { JsonSchema } from '../core/component.ts'
import { type Problem, UserError } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject, valueAtPath } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed } from '../core/phrase.ts'
import type { Outcome } from '../core/result.ts'
import type { SinkContext } from './sink.ts'
import { isTemplate } from './target-path.ts'

/** The fields of an outcome, which every dotted path begins with. */
export const OUTCOME_FIELDS = [
  'key',
  'custom_id',
  'status',
  'output',
  'text',
  'stop_reason',
  'model',
  'usage',
  'cost_usd',
  'attempts',
  'rounds',
  'batch_id',
  'error',
  'citations',
  'tool_calls',
  'row',
] as const

export interface Column {
  readonly name: string
  /** The dotted path into the outcome; absent for a template. */
  readonly path?: string
  /** undefined where the outcome has no such value. */
  read(outcome: Outcome): Json | undefined
}

/** The `columns` option as it stands in the schema of every sink that has it. */
export const COLUMNS_OPTION: JsonSchema = {
  description:
    'What to write: names, each with a dotted path into the outcome (output.title, cost_usd, row.file.path) or a template; or a list of outcome fields.',
  examples: [{ key: 'key', title: 'output.title', usd: 'cost_usd' }],
  anyOf: [
    { type: 'object', minProperties: 1, additionalProperties: { type: 'string', minLength: 1 } },
    { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
  ],
}

/** What is wrong with the `columns` option beyond its schema: paths that begin with no field of an outcome. */
export function checkColumns(options: JsonObject): readonly Problem[] {
  const isList = Array.isArray(options.columns)
  return namedPaths(options.columns).flatMap(([name, path], position) => {
    const first = path.split('.', 1)[0] ?? ''
    if (isTemplate(path) || (OUTCOME_FIELDS as readonly string[]).includes(first)) return []
    const meant = nearest(first, OUTCOME_FIELDS)
    return [
      {
        message: `The column "${name}" reads "${path}", and an outcome has no field "${first}".`,
        hint:
          meant === undefined
            ? `Begin with one of ${listed(OUTCOME_FIELDS)}; a field of the answer is output.${path}, one of the dataset row.${path}.`
            : `Did you mean "${[meant, ...path.split('.').slice(1)].join('.')}"?`,
        path: isList ? `/columns/${position}` : `/columns/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      },
    ]
  })
}

/** The columns that the options name; undefined where they name none. Throws UserError for a path the output's schema rules out. */
export function namedColumns(options: JsonObject, context: SinkContext): readonly Column[] | undefined {
  if (options.columns === undefined) return undefined
  return namedPaths(options.columns).map(([name, path]) => {
    if (isTemplate(path)) return { name, read: (outcome) => context.renderText(path, outcome) }
    if (path.startsWith('output.')) requireInSchema(name, path.slice('output.'.length), context.outputSchema)
    return pathColumn(name, path)
  })
}

/**
 * The columns of a table where the options name none: key, status, then `output` (or, where the output's schema is an
 * object, one column for each of its properties, `output_NAME` where the name is taken), the error's message, cost_usd.
 */
export function defaultColumns(context: SinkContext, taken: readonly string[] = []): readonly Column[] {
  const used = new Set(['key', 'status', 'error', 'cost_usd', ...taken])
  const properties = Object.keys(propertiesOf(context.outputSchema) ?? {})
  const output = properties.map((property) => {
    const name = used.has(property) ? freeName(`output_${property}`, used) : property
    used.add(name)
    return { name, path: `output.${property}`, read: (outcome: Outcome) => propertyOf(outcome.output, property) }
  })
  return [
    pathColumn('key', 'key'),
    pathColumn('status', 'status'),
    ...(output.length > 0 ? output : [pathColumn('output', 'output')]),
    pathColumn('error', 'error.message'),
    pathColumn('cost_usd', 'cost_usd'),
  ]
}

export function columnsOf(options: JsonObject, context: SinkContext, taken: readonly string[] = []): readonly Column[] {
  return namedColumns(options, context) ?? defaultColumns(context, taken)
}

/** The outcome as an object of the columns' values, null where there is none. */
export function objectOf(columns: readonly Column[], outcome: Outcome): JsonObject {
  const object: Record<string, Json> = {}
  for (const column of columns) object[column.name] = column.read(outcome) ?? null
  return object
}

function pathColumn(name: string, path: string): Column {
  // Outcome is JSON that happens to have an interface.
  return { name, path, read: (outcome) => valueAtPath(outcome as unknown as Json, path) }
}

function namedPaths(columns: Json | undefined): readonly (readonly [string, string])[] {
  if (Array.isArray(columns)) return columns.map((name) => [String(name), String(name)])
  return isJsonObject(columns) ? Object.entries(columns).map(([name, path]) => [name, String(path)]) : []
}

function propertiesOf(schema: JsonObject | undefined): JsonObject | undefined {
  return isJsonObject(schema?.properties) ? schema.properties : undefined
}

function propertyOf(value: Json, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function freeName(name: string, used: ReadonlySet<string>): string {
  return used.has(name) ? freeName(`${name}_`, used) : name
}

function requireInSchema(column: string, path: string, schema: JsonObject | undefined): void {
  const [first = ''] = path.split('.')
  const properties = propertiesOf(schema)
  if (properties === undefined || schema?.additionalProperties !== false || Object.hasOwn(properties, first)) return
  const meant = nearest(first, Object.keys(properties))
  throw new UserError({
    message: `The column "${column}" reads "output.${path}", and the output's schema has no property "${first}".`,
    hint:
      meant === undefined
        ? `It has ${listed(Object.keys(properties), 'and')}.`
        : `Did you mean "output.${[meant, ...path.split('.').slice(1)].join('.')}"?`,
  })
}
