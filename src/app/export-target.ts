// `--to PATH|URL`: which sink a target means, with which options.

import { isAbsolute, resolve } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { Select, SinkSpec } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { compileSchema } from '../core/json-schema.ts'
import type { Sink } from '../sink/sink.ts'

/** Where a person stands, and the root that sinks' paths are relative to; both absolute. */
export interface Places {
  readonly cwd: string
  readonly root: string
}

/**
 * The sink that writes `target`: a path by its ending, `-` for standard output, a postgres:// or https:// URL. A path is
 * relative to `cwd`, as every path on a command line. A database may be followed by `#TABLE`.
 * Throws UserError for a target that no sink writes, or not with these options.
 */
export function exportTarget(target: string, select: Select, sinks: readonly Sink[], places: Places): SinkSpec {
  const { type, options } = sinkOf(target, sinks, places)
  const sink = sinks.find((each) => each.type === type)
  const violations = sink === undefined ? [] : compileSchema(sink.options).validate(options)
  const problems = violations.length > 0 ? violations : (sink?.check?.(options) ?? [])
  // Where a problem lies in the options means nothing to somebody who wrote none.
  if (problems.length > 0) throw new UserError(problems.map(({ path: _path, ...problem }) => problem))
  return { type, select, options }
}

function sinkOf(target: string, sinks: readonly Sink[], places: Places): { type: string; options: JsonObject } {
  if (target === '-') return { type: 'stdout', options: {} }
  if (/^https?:/i.test(target)) return { type: 'webhook', options: { url: target } }
  if (/^postgres(ql)?:/i.test(target)) {
    const [url, table] = cutTable(target)
    return { type: 'postgres', options: { url, ...table } }
  }
  const whole = typeOfPath(target, sinks)
  const [path, table] = whole === undefined ? cutTable(target) : [target, {}]
  const type = whole ?? typeOfPath(path, sinks)
  if (type === undefined || (type !== 'sqlite' && path !== target)) throw unknownEnding(target, sinks)
  return { type, options: { path: located(path, places), ...table } }
}

function typeOfPath(path: string, sinks: readonly Sink[]): string | undefined {
  const plain = path.replace(/\.gz$/i, '').toLowerCase()
  return sinks.find((sink) => sink.extensions?.some((ending) => plain.endsWith(ending)))?.type
}

/** `results.db#failed` → the database, and the table of it. */
function cutTable(target: string): [place: string, table: { table?: string }] {
  const at = target.lastIndexOf('#')
  return at < 0 || at === target.length - 1 ? [target, {}] : [target.slice(0, at), { table: target.slice(at + 1) }]
}

/** As it was written where that means the same, so that it is shown as it was written. */
function located(path: string, { cwd, root }: Places): string {
  return cwd === root || isAbsolute(path) ? path : resolve(cwd, path)
}

function unknownEnding(target: string, sinks: readonly Sink[]): UserError {
  const endings = sinks.flatMap((sink) => sink.extensions ?? []).join(' ')
  return new UserError({
    message: `"${target}" does not say what to write: its ending names no sink.`,
    hint: `Use one of the endings ${endings} (text also with .gz), a postgres:// or https:// URL, or - for standard output.`,
  })
}
