/** Makes a JSON Schema self-contained: what its `$ref`s name in other files is taken in under `$defs`. */

import { basename, dirname, resolve } from 'node:path'
import type { Problem } from '../core/errors.ts'
import { messageOf } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { compileSchema } from '../core/json-schema.ts'
import { quoted } from '../core/phrase.ts'
import { decoded } from '../core/pointer.ts'
import { relativeToRoot } from '../disk/inside-root.ts'
import { valueAt } from './finding.ts'
import { pathBelowRoot, shownPath } from './read-text.ts'
import { readSchemaFile } from './schema-file.ts'
import { schemaMistakes } from './schema-mistakes.ts'

export interface Bundle {
  /** Absent when there are problems. */
  readonly schema?: JsonObject
  /** Those in the job itself have `path`, a pointer into the job, and no file yet. */
  readonly problems: readonly Problem[]
}

/** Each file is looked for on disk, and of the problems nobody reads more than these. */
const MAX_FILES = 200
const MAX_PROBLEMS = 50

/** One text with a schema: the job's own (no path), or a file. */
interface Source {
  readonly path: string
  readonly schema: JsonObject
  /** Where its root stands in the bundle: '' or '/$defs/name'. */
  readonly base: string
  place(pointer: string, message: string, hint?: string): Problem
}

/**
 * `schema` stands in the job at `pointer`; its files are relative to the root, those of a file to that file. A schema
 * that is nothing but `{ $ref: file }` becomes the file's own.
 */
export async function bundleSchema(
  schema: JsonObject,
  pointer: string,
  { root, cwd }: { readonly root: string; readonly cwd: string },
): Promise<Bundle> {
  const problems: Problem[] = []
  const sources = new Map<string, Source>()
  const waiting: { path: string; name: string; base: string; from: (message: string, hint?: string) => Problem }[] = []
  const fragments: { source: string; fragment: string; from: (message: string, hint?: string) => Problem }[] = []
  const bases = new Map<string, string>()
  const inJob = (at: string, message: string, hint?: string): Problem => {
    return { message, ...(hint === undefined ? {} : { hint }), path: `${pointer}${at}` }
  }
  const taken = new Set(isJsonObject(schema.$defs) ? Object.keys(schema.$defs) : [])

  const want = async (
    reference: string,
    folder: string,
    from: (message: string, hint?: string) => Problem,
    base?: string,
  ) => {
    const name = relativeToRoot(root, resolve(folder, reference))
    const found = await pathBelowRoot(root, resolve(folder, reference))
    if ('problem' in found) {
      problems.push(from(found.problem.message, found.problem.hint))
      return undefined
    }
    if (!bases.has(found.path) && bases.size >= MAX_FILES) {
      problems.push(from(`The schema is spread over more than ${MAX_FILES} files.`))
      return undefined
    }
    if (!bases.has(found.path)) {
      bases.set(found.path, base ?? `/$defs/${freeName(found.path, taken)}`)
      waiting.push({ path: found.path, name, base: bases.get(found.path) ?? '', from })
    }
    return found.path
  }

  /** Where a `$ref` leads in the bundle; undefined: nowhere, and a problem says so. */
  const follow = async (reference: string, source: Source, at: string): Promise<string | undefined> => {
    if (problems.length >= MAX_PROBLEMS) return undefined
    const from = (message: string, hint?: string): Problem => source.place(at, message, hint)
    const [file = '', fragment = ''] = reference.split('#', 2)
    if (file === '') {
      if (fragment !== '' && !fragment.startsWith('/')) return reference
      fragments.push({ source: source.path, fragment, from })
      return `#${source.base}${fragment}`
    }
    if (idsOf(source.schema).has(file)) return reference
    if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(file)) {
      problems.push(
        from(
          `The schema refers to ${quoted(reference)}; schemas are not fetched.`,
          'Save it in the project and refer to the file.',
        ),
      )
      return undefined
    }
    const folder = source.path === '' ? root : dirname(source.path)
    const path = await want(decoded(file), folder, from)
    if (path === undefined) return undefined
    if (fragment !== '' && !fragment.startsWith('/')) return `#${fragment}`
    fragments.push({ source: path, fragment, from })
    return `#${bases.get(path) ?? ''}${fragment}`
  }

  const main = typeof schema.$ref === 'string' && Object.keys(schema).length === 1 && !schema.$ref.includes('#')
  let bundled: JsonObject = {}
  const embedded: Record<string, Json> = {}
  const take = async (source: Source): Promise<void> => {
    sources.set(source.path, source)
    const rewritten = (await rewrite(source.schema, source, '', follow)) as JsonObject
    if (source.base === '') bundled = rewritten
    else embedded[source.base.slice('/$defs/'.length)] = without(rewritten, ['$id', '$schema'])
  }
  if (main) await want(decoded(schema.$ref as string), root, (message, hint) => inJob('/$ref', message, hint), '')
  else {
    const wrong = schemaMistakes(schema).map(({ path, message, hint }) => inJob(path, message, hint))
    problems.push(...wrong)
    if (wrong.length === 0) await take({ path: '', schema, base: '', place: inJob })
  }
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { file, problems: wrong } = await readSchemaFile(next.path, next.name, shownPath(cwd, next.path))
    const { from, base, path } = next
    problems.push(
      ...wrong.map((problem) => (problem.file === undefined ? from(problem.message, problem.hint) : problem)),
    )
    if (file === undefined) continue
    if (base === '' && isJsonObject(file.schema.$defs))
      for (const name of Object.keys(file.schema.$defs)) taken.add(name)
    await take({ path, schema: file.schema, base, place: file.place })
  }
  for (const { source, fragment, from } of fragments) {
    const target = sources.get(source)
    if (target === undefined || valueAt(target.schema, decoded(fragment)) !== undefined) continue
    problems.push(from(`The schema refers to ${quoted(`#${fragment}`)}, and there is nothing at that place.`))
  }
  if (problems.length > 0) return { problems }
  const result: JsonObject =
    Object.keys(embedded).length === 0
      ? bundled
      : { ...bundled, $defs: { ...(bundled.$defs as JsonObject | undefined), ...embedded } }
  try {
    compileSchema(result)
    return { schema: result, problems: [] }
  } catch (error) {
    return { problems: [inJob('', messageOf(error))] }
  }
}

/** A name for the file under `$defs` that nothing else has. */
function freeName(path: string, taken: Set<string>): string {
  const stem = basename(path)
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9_-]/g, '_')
  let name = stem
  for (let count = 2; taken.has(name); count++) name = `${stem}_${count}`
  taken.add(name)
  return name
}

/** Keywords whose members are schemas under names of the user's choice, and keywords that hold plain data. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const DATA = new Set(['const', 'enum', 'default', 'examples', 'required', 'type'])

async function rewrite(
  value: Json,
  source: Source,
  at: string,
  follow: (reference: string, source: Source, at: string) => Promise<string | undefined>,
): Promise<Json> {
  if (Array.isArray(value)) {
    const items: Json[] = []
    for (const [index, item] of value.entries())
      items.push(await rewrite(item as Json, source, `${at}/${index}`, follow))
    return items
  }
  if (!isJsonObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    const here = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (name === '$ref' && typeof member === 'string') result[name] = (await follow(member, source, here)) ?? '#'
    else if (DATA.has(name)) result[name] = member
    else if (NAMED.has(name) && isJsonObject(member)) {
      const named: Record<string, Json> = {}
      for (const [key, item] of Object.entries(member)) {
        named[key] = await rewrite(item, source, `${here}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, follow)
      }
      result[name] = named
    } else result[name] = await rewrite(member, source, here, follow)
  }
  return result
}

function idsOf(schema: Json, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(schema)) for (const item of schema) idsOf(item as Json, found)
  else if (isJsonObject(schema)) {
    if (typeof schema.$id === 'string') found.add(schema.$id)
    for (const member of Object.values(schema)) idsOf(member, found)
  }
  return found
}

function without(schema: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}
