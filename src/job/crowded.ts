/** Keeps the work of checking a job bounded, whatever somebody has put into it. */

import { isJsonObject, type Json } from '../core/json.ts'
import type { Finding } from './finding.ts'

/**
 * Keys that hold more than can be checked in a bounded time. Where there is one, nothing else is asked of the job.
 */
export function crowdedKeys(data: Json): readonly Finding[] {
  if (!isJsonObject(data)) return []
  return CHECKED.flatMap((name) => (nodesIn(withoutRows(data[name])) > MAX_NODES ? [tooMuch(name)] : []))
}

/** Keys whose every value is checked against alternatives; nobody writes thousands of them by hand. */
const CHECKED = ['provider', 'dataset', 'documents', 'messages', 'tools', 'sinks', 'batch', 'prices']
const MAX_NODES = 20_000

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
