/** Keeps the work of checking a job bounded, whatever somebody has put into it. */

import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { listed, quoted } from '../core/phrase.ts'
import { pointerOf } from '../core/pointer.ts'
import type { Finding } from './finding.ts'

/**
 * What is more than can be checked in a bounded time. Where there is something, nothing else is asked of the job.
 * `known`: the keys that a job may have; `written`: its texts with a `${NAME}`, by JSON pointer.
 */
export function crowdedKeys(
  data: Json,
  known: readonly string[],
  written: ReadonlyMap<string, string>,
): readonly Finding[] {
  if (!isJsonObject(data)) return []
  const crowded = CHECKED.flatMap((name) => (nodesIn(withoutRows(data[name])) > MAX_NODES ? [tooMuch(name)] : []))
  return [...crowded, ...unknownCrowd(data, known), ...variableCrowd(written)]
}

function unknownCrowd(data: JsonObject, known: readonly string[]): readonly Finding[] {
  const unknown = Object.keys(data).filter((name) => !known.includes(name))
  const [first] = unknown
  if (first === undefined || unknown.length <= MAX_UNKNOWN) return []
  const message = `${unknown.length.toLocaleString('en-US')} fields of this job are unknown; the first of them is ${quoted(first)}.`
  return [{ path: pointerOf([first]), at: 'key', message, hint: `Allowed here: ${listed(known, 'and')}.` }]
}

function variableCrowd(written: ReadonlyMap<string, string>): readonly Finding[] {
  const [first] = written.keys()
  if (first === undefined || written.size <= MAX_VARIABLES) return []
  const message = `${written.size.toLocaleString('en-US')} values name an environment variable; a job may have ${MAX_VARIABLES.toLocaleString('en-US')} of them. This is the first.`
  return [{ path: first, at: 'value', message, hint: 'Values that differ from row to row belong in a dataset file.' }]
}

/** Keys whose every value is checked against alternatives; nobody writes thousands of them by hand. */
const CHECKED = ['provider', 'dataset', 'documents', 'messages', 'tools', 'sinks', 'batch', 'prices']
const MAX_NODES = 20_000
/** More are no slips of the pen. */
const MAX_UNKNOWN = 200
/** Each is looked for in every message, so that none tells a secret. */
const MAX_VARIABLES = 500

function tooMuch(name: string): Finding {
  const message = `${name} holds more than ${MAX_NODES.toLocaleString('en-US')} values, which is more than a job can be.`
  return { path: `/${name}`, at: 'key', message, hint: 'Rows belong in a dataset file, long texts in templates.' }
}

/** Rows that stand in the job itself may be many. */
function withoutRows(value: Json | undefined): Json | undefined {
  return isJsonObject(value) && value.type === 'rows' ? { ...value, rows: null } : value
}

function nodesIn(value: Json | undefined): number {
  const open: (Json | undefined)[] = [value]
  let count = 0
  for (; open.length > 0 && count <= MAX_NODES; count++) {
    const next = open.pop()
    // Not spread: a list may have more items than a call may have arguments.
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) open.push(member as Json)
  }
  return count
}
