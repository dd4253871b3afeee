/** What was given: the YAML's data, changed from the command line and filled in from the environment. */

import type { Env } from '../core/env-text.ts'
import { type Problem, UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { fillEnvironment } from './environment.ts'
import { expandShorthands } from './expand.ts'
import { type Finding, valueAt } from './finding.ts'
import { retype } from './retype.ts'
import type { Catalog } from './schema.ts'
import { applySetting, parseSetting, type Setting } from './set.ts'

export interface Overrides {
  /** `--set path.to.key=value`, the part behind `--set`; the value is read as YAML. */
  readonly set: readonly string[]
  /** Goes before the job's own `dataset.limit`. */
  readonly limit?: number
  /** Goes before the job's own `store`. */
  readonly store?: string
}

export interface GivenData {
  readonly data: Json
  readonly settings: readonly Setting[]
  /** Texts that held a `${NAME}`, as they were written, by JSON pointer. */
  readonly written: ReadonlyMap<string, string>
  readonly findings: readonly Finding[]
  /** What is wrong with the command line. */
  readonly problems: readonly Problem[]
}

/** The YAML's data with the command line's changes, shorthands written out and the environment filled in. */
export function readData(
  parsed: Json,
  { env, catalog, local = false, ...overrides }: Overrides & { env: Env; catalog: Catalog; local?: boolean },
): GivenData {
  const problems: Problem[] = []
  const settings = overrides.set.flatMap((argument) => collect(problems, () => parseSetting(argument)) ?? [])
  settings.push(...shortSettings(overrides))
  let data = parsed
  for (const setting of settings) {
    // A --set may reach into what a shorthand stands for, such as dataset.limit where dataset is a path.
    const written = setting.path.length > 1 ? expandShorthands(data, catalog) : { data, findings: [] }
    // A path whose type cannot be told is reported as such, and not once more because it could not be written out.
    if (written.findings.some(({ path }) => setting.pointer.startsWith(`${path}/`))) continue
    data = collect(problems, () => applySetting(written.data, setting)) ?? data
  }
  const filled = fillEnvironment(data, env, (pointer) => !(local && pointer.startsWith('/provider/')))
  const expanded = expandShorthands(filled.data, catalog)
  const written = new Map(filled.written)
  for (const [pointer, text] of filled.written) {
    // What stood for a path stands one step deeper now.
    if (valueAt(expanded.data, pointer) !== valueAt(filled.data, pointer)) written.set(`${pointer}/path`, text)
  }
  const findings = [...filled.findings, ...expanded.findings]
  return { data: retype(expanded.data, catalog, settings, written), settings, written, findings, problems }
}

/** `--limit` and `--store` are short for a `--set`. */
function shortSettings({ limit, store }: Overrides): Setting[] {
  const setting = (name: string, path: string[], value: Json): Setting => {
    return { option: `--${name} ${value}`, path, pointer: `/${path.join('/')}`, value, text: String(value) }
  }
  return [
    ...(limit === undefined ? [] : [setting('limit', ['dataset', 'limit'], limit)]),
    ...(store === undefined ? [] : [setting('store', ['store'], store)]),
  ]
}

function collect<Value>(problems: Problem[], act: () => Value): Value | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Shorter values are words that stand in sentences by chance. */
const HIDDEN_LENGTH = 6

/** What comes from the environment may be a secret: in sentences stands what was written instead. */
export function hideValues({
  data,
  written,
}: GivenData): <Kind extends { message: string; hint?: string }>(found: Kind) => Kind {
  const secrets = [...written]
    .map(([pointer, text]) => [valueAt(data, pointer), text] as const)
    .filter((pair): pair is [string, string] => typeof pair[0] === 'string' && pair[0].length >= HIDDEN_LENGTH)
    .sort(([a], [b]) => b.length - a.length)
  const clean = (sentence: string): string =>
    secrets.reduce((text, [value, shown]) => text.replaceAll(value, () => shown), sentence)
  return (found) => ({
    ...found,
    message: clean(found.message),
    ...(found.hint === undefined ? {} : { hint: clean(found.hint) }),
  })
}
