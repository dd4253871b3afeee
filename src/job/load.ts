/** From a job file to a Job. Reads the files that the job names, opens nothing, sends nothing. */

import { basename, extname, resolve } from 'node:path'
import type { Env } from '../core/env-text.ts'
import { type Problem, UserError } from '../core/errors.ts'
import type { Job, TemplateText } from '../core/job.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { counted } from '../core/phrase.ts'
import { pointerOf } from '../core/pointer.ts'
import type { ShowValue } from '../core/violation.ts'
import { relativeToRoot } from '../disk/inside-root.ts'
import { MAX_TEXT_BYTES, TOO_LARGE } from './content-problem.ts'
import { crowdedKeys } from './crowded.ts'
import { isTemplate } from './environment.ts'
import { hideValues, type Overrides, readData } from './given.ts'
import { distinct, readNamedFiles } from './named-files.ts'
import { parseYaml } from './parse.ts'
import { type Places, placesIn } from './place.ts'
import { readText, shownPath } from './read-text.ts'
import { resolveJob } from './resolve.ts'
import { findRoot } from './root.ts'
import { type Catalog, jobSchema } from './schema.ts'
import type { JobSpec } from './spec.ts'
import { validateJob } from './validate.ts'
import { overrideVars } from './vars.ts'

export interface LoadOptions extends Overrides {
  readonly cwd: string
  /** The project root; absent: the nearest folder at or above the job file with a package.json, .git or .batchwright. */
  readonly root?: string
  readonly env: Env
  /** `--var NAME=value` */
  readonly vars: Readonly<Record<string, string>>
  readonly catalog: Catalog
  /** The provider's settings will not be used: variables that only they name need not be set. */
  readonly local?: boolean
  /** What is wrong with one template as a template; its `file` is relative to the root. Templates are only read here. */
  readonly checkTemplate?: (text: TemplateText, partials: Job['partials']) => readonly Problem[]
}

export interface Loaded {
  readonly job: Job
  readonly warnings: readonly Problem[]
  /**
   * For problems that others find, whose `file` is relative to the root: names the file as the user would, and gives
   * those that have a `path` into the job, but no line, their place in the job file.
   */
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

  const given = readData(parsed.data ?? null, options)
  const { data, settings, written } = given
  const spec = isJsonObject(data) ? data : {}
  const relative = relativeToRoot(root, path)
  const places = placesIn({ shown, file: relative, parsed, settings })
  const known = Object.keys(jobSchema(options.catalog).properties as JsonObject)
  const crowded = crowdedKeys(data, known, written)
  if (crowded.length > 0) throw new UserError(crowded.map(places.find))
  const hide = hideValues(given)
  const found = [...given.findings, ...validateJob(data, options.catalog, shownAsWritten(written))]
  const findings = found.slice(0, MAX_FINDINGS).map(hide)
  const named = await readNamedFiles(spec, { root, cwd: options.cwd })
  const { texts, partials } = named.templates
  const vars = overrideVars(spec, options.vars, named.templates)
  const fromRoot = (problem: Problem): Problem => withShownFile(problem, root, options.cwd)
  const { checkTemplate = () => [] } = options
  const inTemplates = [...texts.values(), ...inlineTemplates(spec, places)].flatMap((text) =>
    checkTemplate(text, partials),
  )
  const others = [...given.problems, ...named.problems, ...vars.problems, ...inTemplates.map(fromRoot)]
  const problems = distinct([...findings.map(places.find), ...places.fill(others)])
  if (problems.length > 0) throw new UserError([...places.sorted(problems), ...unlisted(found.length, shown)])

  const job = resolveJob(data as unknown as JobSpec, {
    root,
    file: relative,
    defaultName: nameFromFile(path),
    vars: vars.vars,
    texts,
    partials,
    schemas: named.schemas,
    textPlace: places.text,
    asWritten: (pointer, value) => written.get(pointer) ?? value,
  })
  return { job, warnings: places.fill(warningsFor(spec)), place: (found) => places.fill(found.map(fromRoot).map(hide)) }
}

/** Nobody reads more, and each has to be looked for in the text. */
const MAX_FINDINGS = 200

function unlisted(found: number, file: string): Problem[] {
  const count = found - MAX_FINDINGS
  return count > 0
    ? [{ message: `${counted(count, 'more problem')} of this job ${count === 1 ? 'is' : 'are'} not listed.`, file }]
    : []
}

function shownAsWritten(written: ReadonlyMap<string, string>): ShowValue {
  return (pointer) => {
    const text = written.get(pointer)
    return text === undefined ? undefined : JSON.stringify(text)
  }
}

/** From a name relative to the root to one that the user would use; options of the command line stay as they are. */
function withShownFile(problem: Problem, root: string, cwd: string): Problem {
  const { file } = problem
  return file === undefined || file.startsWith('--')
    ? problem
    : { ...problem, file: shownPath(cwd, resolve(root, file)) }
}

/** Every text in the job itself that is a template. */
function inlineTemplates(value: Json, places: Places, path: readonly string[] = []): TemplateText[] {
  if (typeof value === 'string') {
    const pointer = pointerOf(path)
    return isTemplate(path, value) ? [{ text: value, ...places.text(pointer) }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => inlineTemplates(member as Json, places, [...path, name]))
}

async function readJobText(path: string, shown: string): Promise<string> {
  const read = await readText(path, shown, MAX_TEXT_BYTES)
  if (read.problem === undefined) return read.text
  const isTooLarge = read.problem.message.includes('larger than')
  throw new UserError({ ...(isTooLarge ? TOO_LARGE : read.problem), file: shown })
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
