/** Rules between the keys that say where rows come from, where outcomes go, and how a run behaves. */

import { UserError } from '../core/errors.ts'
import { compileExpression } from '../core/expression.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
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

/** Two sinks with one path would overwrite each other, and a sink must never overwrite the dataset. */
export function sinkPaths(data: JsonObject): readonly Finding[] {
  const source = isJsonObject(data.dataset) ? data.dataset.path : undefined
  const taken = new Map<Json, string>(
    (Array.isArray(source) ? source : [source ?? null]).map((path: Json) => [path, 'dataset']),
  )
  return mappingsIn(data, 'sinks').flatMap(([pointer, { path }]): Finding[] => {
    if (typeof path !== 'string') return []
    const owner = taken.get(path)
    if (owner === undefined) taken.set(path, dottedName(pointer))
    if (owner === undefined) return []
    const message =
      owner === 'dataset'
        ? `${dottedName(pointer)} would overwrite ${quoted(path)}, from which the rows come.`
        : `${dottedName(pointer)} would overwrite ${quoted(path)}, which ${owner} writes.`
    return [{ path: `${pointer}/path`, at: 'value', message, hint: 'Give each sink a path of its own.' }]
  })
}
