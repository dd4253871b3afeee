/** `--var NAME=value`: overrides the job's constants for templates. */

import type { Problem } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed } from '../core/phrase.ts'
import { parseYaml } from './parse.ts'
import type { TemplateFiles } from './templates.ts'

export interface Vars {
  readonly vars: JsonObject
  readonly problems: readonly Problem[]
}

/**
 * A value takes the type of the one it overrides; otherwise it is a text. A name that the job does not declare and no
 * template mentions would change nothing, and is a mistake.
 */
export function overrideVars(
  spec: JsonObject,
  given: Readonly<Record<string, string>>,
  templates: TemplateFiles,
): Vars {
  const own = isJsonObject(spec.vars) ? spec.vars : {}
  const vars: Record<string, Json> = { ...own }
  const problems: Problem[] = []
  for (const [name, text] of Object.entries(given)) {
    if (!Object.hasOwn(own, name) && !isMentioned(name, spec, templates))
      problems.push(unknownVar(name, text, Object.keys(own)))
    else vars[name] = typed(text, own[name])
  }
  return { vars, problems }
}

function typed(text: string, before: Json | undefined): Json {
  if (typeof before !== 'number' && typeof before !== 'boolean') return text
  const { data } = parseYaml(text)
  return typeof data === typeof before && data !== undefined ? data : text
}

function isMentioned(name: string, spec: JsonObject, { texts, partials }: TemplateFiles): boolean {
  const files = [...texts.values(), ...Object.values(partials)].map(({ text }) => text)
  return [...files, JSON.stringify(spec)].some(
    (text) => text.includes(`vars.${name}`) || text.includes(`vars.[${name}]`),
  )
}

function unknownVar(name: string, text: string, declared: readonly string[]): Problem {
  const meant = nearest(name, declared)
  const known = declared.length === 0 ? 'The job declares no vars.' : `The job declares ${listed(declared, 'and')}.`
  return {
    file: `--var ${name}=${text}`,
    message: `The job has no var "${name}", and no template uses vars.${name}.`,
    hint: meant === undefined ? known : `Did you mean "${meant}"?`,
  }
}
