/** Rules between the keys that say where rows come from, where outcomes go, and how a run behaves. */

import { posix } from 'node:path'
import { UserError } from '../core/errors.ts'
import { compileExpression } from '../core/expression.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import { dottedName } from '../core/pointer.ts'
import { DEFAULTS } from './defaults.ts'
import { type Finding, mappingsIn } from './finding.ts'
import { parsePoll } from './units.ts'

export function whereIsExpression(data: JsonObject): readonly Finding[] {
  const where = isJsonObject(data.dataset) ? data.dataset.where : undefined
  if (typeof where !== 'string' || where === '') return []
  try {
    compileExpression(where)
    return []
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.problems.map(({ message, hint }) => {
      return { path: '/dataset/where', at: 'value', message, ...(hint === undefined ? {} : { hint }) }
    })
  }
}

export function roomToGrow(data: JsonObject): readonly Finding[] {
  const given = isJsonObject(data.params) ? data.params.max_tokens : undefined
  const first = typeof given === 'number' ? given : DEFAULTS.maxTokens
  const truncated = isJsonObject(data.retry) ? data.retry.truncated : undefined
  const most = isJsonObject(truncated) ? truncated.max_tokens : undefined
  if (typeof most !== 'number' || most > first) return []
  return [
    {
      path: '/retry/truncated/max_tokens',
      at: 'value',
      message: `retry.truncated.max_tokens must be more than params.max_tokens, which is ${first}; it is ${most}.`,
      hint: 'Cut-off answers are asked again with more room than before.',
    },
  ]
}

export function pollRange(data: JsonObject): readonly Finding[] {
  const poll = isJsonObject(data.batch) && typeof data.batch.poll === 'string' ? data.batch.poll : ''
  const range = parsePoll(poll)
  if (range === undefined || (range.minMs > 0 && range.minMs <= range.maxMs)) return []
  const wish = range.minMs > 0 ? 'must go from the shorter to the longer time' : 'must be longer than nothing'
  return [{ path: '/batch/poll', at: 'value', message: `batch.poll ${wish}; it is ${quoted(poll)}.` }]
}

/** Names that templates already know. */
export function matrixNames(data: JsonObject): readonly Finding[] {
  const matrix = isJsonObject(data.dataset) && isJsonObject(data.dataset.matrix) ? data.dataset.matrix : {}
  return ['vars', 'job', 'file']
    .filter((name) => Object.hasOwn(matrix, name))
    .map(
      (name): Finding => ({
        path: `/dataset/matrix/${name}`,
        at: 'key',
        message: `"${name}" has a meaning of its own in templates and cannot be a name in matrix.`,
        hint: 'Choose another name.',
      }),
    )
}

/** Two sinks of one place would overwrite each other, and a sink must never overwrite the dataset. */
export function sinkPaths(data: JsonObject): readonly Finding[] {
  const source = isJsonObject(data.dataset) ? data.dataset.path : undefined
  const taken: Taken[] = (Array.isArray(source) ? source : [source]).flatMap((path) =>
    typeof path === 'string' ? [{ place: posix.normalize(path), owner: 'dataset' }] : [],
  )
  return mappingsIn(data, 'sinks').flatMap(([pointer, sink]): Finding[] => {
    const given = sink.type === 'postgres' ? (['url', 'url_env'] as const) : (['path'] as const)
    const key = given.find((name) => typeof sink[name] === 'string')
    if (key === undefined) return []
    const written = String(sink[key])
    const own = { place: key === 'path' ? posix.normalize(written) : `${key} ${written}`, ...tableOf(sink) }
    const other = taken.find(({ place, table }) => place === own.place && (table ?? own.table) === (own.table ?? table))
    if (other === undefined) {
      taken.push({ ...own, owner: dottedName(pointer) })
      return []
    }
    const isTable = other.table !== undefined && own.table !== undefined
    const what = isTable ? `the table ${quoted(own.table ?? '')}` : quoted(written)
    const doer = other.owner === 'dataset' ? 'from which the rows come' : `which ${other.owner} writes`
    return [
      {
        path: `${pointer}/${key}`,
        at: 'value',
        message: `${dottedName(pointer)} would overwrite ${what}, ${doer}.`,
        hint: isTable ? 'Give each sink a table of its own.' : 'Give each sink a path of its own.',
      },
    ]
  })
}

/** What is written by whom: a file, or one table of a database. */
interface Taken {
  readonly place: string
  readonly table?: string
  readonly owner: string
}

/** Sinks of one database keep apart when their tables differ; names of tables know no case. */
function tableOf({ type, schema, table }: JsonObject): { table?: string } {
  if (type !== 'sqlite' && type !== 'postgres') return {}
  const inSchema = typeof schema === 'string' ? `${schema}.` : ''
  return { table: `${inSchema}${typeof table === 'string' ? table : 'outcomes'}`.toLowerCase() }
}
