// Puts the objects with the same value at a path together, however many there are.

import { UserError } from '../core/errors.ts'
import { canonicalJson, type Json, type JsonObject, valueAtPath } from '../core/json.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { RowPlace, SourceRow } from '../core/row.ts'
import { type SortedEntry, sortEntries } from './sort.ts'
import type { SourceContext } from './source.ts'

/** A group is one row, so one request: more than this is no prompt any more, and would fill the memory. Characters. */
const MAX_GROUP_LENGTH = 64 * 1024 * 1024

/**
 * Rows `{ group, items }`: groups sorted by their value's JSON text, items in the order in which they came. The key is
 * the group: a text as it stands, other values as JSON. Throws UserError for a group larger than 64 MB.
 */
export async function* groupRows(
  objects: AsyncIterable<JsonObject>,
  path: string,
  context: SourceContext,
  place: RowPlace,
): AsyncGenerator<SourceRow> {
  let group: string | undefined
  let items: Json[] = []
  let length = 0
  for await (const entry of sortEntries(entriesOf(objects, path))) {
    context.signal.throwIfAborted()
    if (group !== undefined && entry.key !== group) {
      yield groupRow(group, items, place)
      items = []
      length = 0
    }
    group = entry.key
    length += entry.text.length
    if (length > MAX_GROUP_LENGTH) throw tooLarge(group, items.length, path, context)
    items.push(JSON.parse(entry.text) as Json)
  }
  if (group !== undefined) yield groupRow(group, items, place)
}

async function* entriesOf(objects: AsyncIterable<JsonObject>, path: string): AsyncGenerator<SortedEntry> {
  for await (const object of objects) {
    yield { key: canonicalJson(valueAtPath(object, path) ?? null), text: JSON.stringify(object) }
  }
}

function groupRow(text: string, items: readonly Json[], place: RowPlace): SourceRow {
  const group = JSON.parse(text) as Json
  return { fields: { group, items }, key: typeof group === 'string' ? group : text, place }
}

function tooLarge(group: string, count: number, path: string, { jobFile }: SourceContext): UserError {
  return new UserError({
    message: `The group ${quoted(group)} of ${path} has more than ${counted(count, 'item')} and is larger than ${MAX_GROUP_LENGTH / 1024 / 1024} MB.`,
    hint: 'A group is one request. Group by something finer, or reduce in two jobs.',
    file: jobFile,
    path: '/dataset/group_by',
  })
}
