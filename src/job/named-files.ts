/** Every file that a job names and that is part of it: templates, schemas, handlers. Datasets are read by their sources. */

import type { Problem } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { isWrittenBelow } from '../disk/inside-root.ts'
import { bundleSchema } from './bundle.ts'
import { mappingsIn } from './finding.ts'
import { belowRoot, fileProblem, pathBelowRoot } from './read-text.ts'
import { readTemplates, type TemplateFiles } from './templates.ts'

export interface NamedFiles {
  readonly templates: TemplateFiles
  /** Self-contained schemas, by the pointer of their place in the job. */
  readonly schemas: ReadonlyMap<string, JsonObject>
  /** About a place in the job (`path`) or in one of the files (`file`, `line`). */
  readonly problems: readonly Problem[]
}

export async function readNamedFiles(
  data: JsonObject,
  where: { readonly root: string; readonly cwd: string },
): Promise<NamedFiles> {
  const templates = await readTemplates(data, where.root)
  const problems: Problem[] = [...templates.problems]
  const schemas = new Map<string, JsonObject>()
  for (const [pointer, schema] of schemasIn(data)) {
    const bundle = await bundleSchema(schema, pointer, where)
    problems.push(...bundle.problems)
    if (bundle.schema === undefined) continue
    schemas.set(pointer, bundle.schema)
    if (pointer !== '/output/schema' && bundle.schema.type !== 'object') {
      const message = 'The schema of a tool\'s input must say "type": "object" at its top.'
      problems.push({ path: pointer, message, hint: 'Put a single value into a property of an object.' })
    }
  }
  for (const [pointer, tool] of mappingsIn(data, 'tools')) {
    const module = isJsonObject(tool.handler) ? tool.handler.module : undefined
    if (typeof module !== 'string' || module === '') continue
    const place = await pathBelowRoot(where.root, module)
    const problem = 'path' in place ? await fileProblem(place.path, module, belowRoot(where.root)) : place.problem
    if (problem !== undefined) problems.push({ ...problem, path: `${pointer}/handler/module` })
  }
  for (const [pointer, name] of datasetPaths(data)) {
    // A dataset elsewhere is the author's own word; a link below the root that leads elsewhere is not.
    if (!isWrittenBelow(where.root, literalPart(name))) continue
    const place = await pathBelowRoot(where.root, literalPart(name))
    if ('problem' in place) {
      const message = place.problem.message.replace(literalPart(name), name)
      problems.push({ ...place.problem, message, path: pointer })
    }
  }
  return { templates, schemas, problems }
}

/** Only where they lead is looked at: whether they are there is for the source to say, when it reads them. */
function datasetPaths({ dataset }: JsonObject): (readonly [pointer: string, path: string])[] {
  const path = isJsonObject(dataset) ? dataset.path : undefined
  if (typeof path === 'string') return [['/dataset/path', path]]
  if (!Array.isArray(path)) return []
  return path.flatMap((item: Json, index) =>
    typeof item === 'string' ? [[`/dataset/path/${index}`, item] as const] : [],
  )
}

/** The folder of a glob before its first wildcard; another path is all of it. */
function literalPart(path: string): string {
  const wildcard = path.search(/[*?[{]/)
  return wildcard < 0 ? path : path.slice(0, path.lastIndexOf('/', wildcard) + 1) || '.'
}

function schemasIn(data: JsonObject): (readonly [pointer: string, schema: JsonObject])[] {
  const found: (readonly [string, JsonObject])[] = []
  if (isJsonObject(data.output) && isJsonObject(data.output.schema)) found.push(['/output/schema', data.output.schema])
  for (const [pointer, tool] of mappingsIn(data, 'tools')) {
    if (!Object.hasOwn(tool, 'type') && isJsonObject(tool.input_schema))
      found.push([`${pointer}/input_schema`, tool.input_schema])
  }
  return found
}

/** One broken file that two places refer to is one problem. */
export function distinct(problems: readonly Problem[]): Problem[] {
  const keyOf = ({ file, line, column, path, message }: Problem): string =>
    JSON.stringify([file, line, column, path, message])
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}
