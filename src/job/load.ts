/** From a job file to a Job. Reads the files that the job names, opens nothing, sends nothing. */

import { basename, extname, resolve } from 'node:path'
import type { Env } from '../core/env-text.ts'
import { type Problem, UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { relativeToRoot } from '../disk/inside-root.ts'
import { MAX_TEXT_BYTES, TOO_LARGE } from './content-problem.ts'
import { fillEnvironment } from './environment.ts'
import { expandShorthands } from './expand.ts'
import { type Finding, valueAt } from './finding.ts'
import { readNamedFiles } from './named-files.ts'
import { parseYaml } from './parse.ts'
import { type JobText, placesIn } from './place.ts'
import { readText, shownPath } from './read-text.ts'
import { resolveJob } from './resolve.ts'
import { retype } from './retype.ts'
import { findRoot } from './root.ts'
import type { Catalog } from './schema.ts'
import { applySetting, parseSetting, type Setting } from './set.ts'
import type { JobSpec } from './spec.ts'
import { validateJob } from './validate.ts'
import { overrideVars } from './vars.ts'

export interface LoadOptions {
  readonly cwd: string
  /** The project root; absent: the nearest folder at or above the job file with a package.json, .git or .batchwright. */
  readonly root?: string
  readonly env: Env
  /** `--var NAME=value` */
  readonly vars: Readonly<Record<string, string>>
  /** `--set path.to.key=value`, the part behind `--set`; the value is read as YAML. */
  readonly set: readonly string[]
  /** Goes before the job's own `dataset.limit`. */
  readonly limit?: number
  /** Goes before the job's own `store`. */
  readonly store?: string
  readonly catalog: Catalog
  /** The provider's settings will not be used: variables that only they name need not be set. */
  readonly local?: boolean
}

export interface Loaded {
  readonly job: Job
  readonly warnings: readonly Problem[]
  /** Gives problems that have a `path` into the job, but no line, their place in the job file. */
  place(problems: readonly Problem[]): readonly Problem[]
}

/**
 * Loads and checks one job file. Throws one UserError with everything that is wrong: with the YAML, with the job, and
 * with the templates and schemas that it names. Where the YAML itself cannot be read, with that alone.
 *
 * The Job holds no value of the environment in `store`, `provider.headers` and the URLs of handlers: `${NAME}` stands
 * there as it was written, because a Job is stored. Whoever uses these fills them with `fillEnv`.
 */
export async function loadJob(file: string, options: LoadOptions): Promise<Loaded> {
  const path = resolve(options.cwd, file)
  const shown = shownPath(options.cwd, path)
  const root = options.root === undefined ? await findRoot(path) : resolve(options.cwd, options.root)
  const text = await readJobText(path, shown)
  const parsed = parseYaml(text)
  if (parsed.problems.length > 0) throw new UserError(parsed.problems.map((problem) => ({ ...problem, file: shown })))

  const settings = [...options.set.map(parseSetting), ...ownSettings(options)]
  const given = readData(parsed.data ?? null, settings, options)
  const jobText: JobText = { shown, file: relativeToRoot(root, path), parsed, settings }
  const places = placesIn(jobText)
  const show = (pointer: string): string | undefined => {
    const written = given.written.get(pointer)
    return written === undefined ? undefined : JSON.stringify(written)
  }
  const data = retype(given.data, options.catalog, settings, given.written)
  const findings = [...given.findings, ...validateJob(data, options.catalog, show)]
  const spec = isJsonObject(data) ? data : {}
  const named = await readNamedFiles(spec, { root, cwd: options.cwd })
  const vars = overrideVars(spec, options.vars, named.templates)
  const problems = places.sorted([...findings.map(places.find), ...places.fill([...named.problems, ...vars.problems])])
  if (problems.length > 0) throw new UserError(problems)

  const job = resolveJob(data as unknown as JobSpec, {
    root,
    file: jobText.file,
    defaultName: nameFromFile(path),
    vars: vars.vars,
    texts: named.templates.texts,
    partials: named.templates.partials,
    schemas: named.schemas,
    textPlace: places.text,
    asWritten: (pointer, value) => given.written.get(pointer) ?? value,
  })
  return { job, warnings: places.fill(warningsFor(spec)), place: places.fill }
}

async function readJobText(path: string, shown: string): Promise<string> {
  const read = await readText(path, shown, MAX_TEXT_BYTES)
  if (read.problem === undefined) return read.text
  const isTooLarge = read.problem.message.includes('larger than')
  throw new UserError({ ...(isTooLarge ? TOO_LARGE : read.problem), file: shown })
}

interface GivenData {
  readonly data: Json
  readonly written: ReadonlyMap<string, string>
  readonly findings: readonly Finding[]
}

/** The YAML's data with `--set` applied, shorthands written out and the environment filled in. */
function readData(parsed: Json, settings: readonly Setting[], { env, catalog, local = false }: LoadOptions): GivenData {
  // A --set may reach into what a shorthand stands for, such as dataset.limit where dataset is a path.
  let data = parsed
  for (const setting of settings) {
    data = setting.path.length > 1 ? expandShorthands(data, catalog).data : data
    data = applySetting(data, setting)
  }
  const filled = fillEnvironment(data, env, (pointer) => !(local && pointer.startsWith('/provider/')))
  const expanded = expandShorthands(filled.data, catalog)
  const written = new Map(filled.written)
  for (const [pointer, text] of filled.written) {
    const moved = `${pointer}/path`
    if (valueAt(expanded.data, pointer) !== valueAt(filled.data, pointer)) written.set(moved, text)
  }
  return { data: expanded.data, written, findings: [...filled.findings, ...expanded.findings] }
}

/** `--limit` and `--store` are short for a `--set`. */
function ownSettings({ limit, store }: LoadOptions): Setting[] {
  const settings: Setting[] = []
  const add = (option: string, path: string[], value: Json): void => {
    settings.push({ option: `--${option} ${value}`, path, pointer: `/${path.join('/')}`, value, text: String(value) })
  }
  if (limit !== undefined) add('limit', ['dataset', 'limit'], limit)
  if (store !== undefined) add('store', ['store'], store)
  return settings
}

/** The stem of the file, made fit to be a name. */
function nameFromFile(path: string): string {
  const stem = basename(path, extname(path)).normalize('NFKD')
  const name = stem
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|-+$/g, '')
  return name.slice(0, 64) || 'job'
}

function warningsFor(spec: JsonObject): Problem[] {
  const warnings: Problem[] = []
  if (!Array.isArray(spec.sinks) || spec.sinks.length === 0) {
    warnings.push({
      path: '/sinks',
      message: 'This job has no sinks: its outcomes are kept with the run and go nowhere else.',
      hint: 'Add a sink such as `sinks: [out/answers.jsonl]`, or fetch them with `batchwright export`.',
    })
  }
  if (typeof spec.store === 'string' && spec.store.startsWith('memory:')) {
    warnings.push({
      path: '/store',
      message: 'A store in memory ends with the process: a run that is interrupted cannot be resumed.',
      hint: 'Remove `store` to keep the state in .batchwright/state.db.',
    })
  }
  return warnings
}
