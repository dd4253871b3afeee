/** Checks a job's data and says everything that is wrong with it. Pure: reads no file, no clock, no environment. */

import type { Component } from '../core/component.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { compileSchema, type SchemaViolation } from '../core/json-schema.ts'
import { nearest } from '../core/nearest.ts'
import { describeValue, listed, quoted, typeInWords } from '../core/phrase.ts'
import { dottedName, pointerParts } from '../core/pointer.ts'
import type { ShowValue } from '../core/violation.ts'
import { typeForPath } from './expand.ts'
import { type Finding, mappingsIn, valueAt } from './finding.ts'
import type { Rule, RuleFinding } from './rule.ts'
import { RULES } from './rules.ts'
import { type Catalog, jobSchema } from './schema.ts'

/**
 * All that the schema, the rules between keys and the components' own checks find, in no particular order. The data has
 * its shorthands written out. `show` gives another text for values that must not be printed.
 */
export function validateJob(data: Json, catalog: Catalog, show: ShowValue): readonly Finding[] {
  if (!isJsonObject(data)) return [noMapping(data)]
  const violations = compileSchema(jobSchema(catalog)).validate(data, show)
  const rules = RULES.flatMap((rule: Rule) => rule(data))
  const context: Context = { data, show, catalog }
  const broken = violations
    .filter((violation) => !rules.some((finding) => isExplained(violation, finding)))
    .filter((violation) => !isTypo(violation, violations))
    .map((violation) => withMore(findingFor(violation, context), violation))
  const ruled = rules.filter((finding) => !isMisspelt(finding, violations))
  const checked = componentFindings(data, catalog, violations)
  return [...broken, ...ruled.map(({ instead: _, ...finding }) => finding), ...checked]
}

/** The places whose value has the wrong type, and which types each may have. */
export function wrongTypes(data: Json, catalog: Catalog): ReadonlyMap<string, readonly string[]> {
  const violations = compileSchema(jobSchema(catalog)).validate(data)
  const typed = violations.filter((violation) => violation.keyword === 'type')
  return new Map(typed.map(({ path, params }) => [path, [params.type as string | string[]].flat()]))
}

interface Context {
  readonly data: Json
  readonly show: ShowValue
  readonly catalog: Catalog
}

const UNKNOWN = new Set(['additionalProperties', 'unevaluatedProperties'])
const ALTERNATIVES = new Set(['oneOf', 'anyOf'])

/** A rule says better what is wrong here than the schema does. */
function isExplained(violation: SchemaViolation, { instead }: RuleFinding): boolean {
  if (instead === undefined || violation.path !== instead.path) return false
  if (ALTERNATIVES.has(violation.keyword)) return true
  return violation.keyword === 'required' && instead.names.includes(String(violation.params.missingProperty))
}

/** A key that is missing because it is misspelt is one mistake, not two: the unknown key is reported. */
function isTypo(violation: SchemaViolation, all: readonly SchemaViolation[]): boolean {
  if (violation.keyword !== 'required') return false
  return isMisspelling(violation.path, [String(violation.params.missingProperty)], all)
}

function isMisspelt({ instead }: RuleFinding, all: readonly SchemaViolation[]): boolean {
  return instead?.isMissing === true && isMisspelling(instead.path, instead.names, all)
}

function isMisspelling(owner: string, names: readonly string[], all: readonly SchemaViolation[]): boolean {
  return all.some((violation) => {
    const parts = pointerParts(violation.path)
    const isHere = UNKNOWN.has(violation.keyword) && violation.path.slice(0, violation.path.lastIndexOf('/')) === owner
    const meant = isHere ? nearest(parts[parts.length - 1] ?? '', namesIn(violation.schema)) : undefined
    return meant !== undefined && names.includes(meant)
  })
}

/** The last of those that are listed speaks for those that are not. */
function withMore(finding: Finding, { unlisted = 0 }: SchemaViolation): Finding {
  if (unlisted === 0) return finding
  const more = unlisted.toLocaleString('en-US')
  return {
    ...finding,
    message: `${finding.message} ${more} more like this ${unlisted === 1 ? 'is' : 'are'} not listed.`,
  }
}

function findingFor(violation: SchemaViolation, context: Context): Finding {
  const { data, show } = context
  const { path, keyword, params, schema } = violation
  const value = valueAt(data, path)
  const name = dottedName(path)
  if (UNKNOWN.has(keyword)) return unknownField(violation, data)
  if (keyword === 'propertyNames') return { path, at: 'key', message: violation.message }
  if (keyword === 'required') return missingField(violation, context)
  const given = value === null ? 'empty' : (show(path) ?? describeValue(value).replace('an object', 'a mapping'))
  const mustBe = (allowed: string): string => `${name} must be ${allowed}; it is ${given}.`
  if (keyword === 'enum' && typeof value === 'string') {
    const meant = nearest(
      value,
      (params.allowedValues as Json[]).filter((allowed) => typeof allowed === 'string'),
    )
    return { path, at: 'value', message: violation.message, ...didYouMean(meant) }
  }
  if (typeof schema.title === 'string' && TITLED.has(keyword))
    return { path, at: 'value', message: mustBe(schema.title) }
  if (keyword === 'type') {
    const words = typeInWords(params.type as string | string[]).replace('an object', 'a mapping')
    return { path, at: 'value', message: mustBe(words), ...(value === null ? { hint: emptyHint(name) } : {}) }
  }
  if (path === '/version')
    return { path, at: 'value', message: violation.message, hint: 'Write version: 1, or leave it out.' }
  return { path, at: 'value', message: violation.message }
}

/** Keywords whose failure is better told by the schema's title: 'a size such as 200MB'. */
const TITLED = new Set(['pattern', 'type', 'anyOf', 'oneOf', 'maxLength'])

function emptyHint(name: string): string {
  return `Give ${name} a value, or remove the line.`
}

function unknownField(violation: SchemaViolation, data: Json): Finding {
  const parts = pointerParts(violation.path)
  const name = parts[parts.length - 1] ?? ''
  const ownerPath = violation.path.slice(0, violation.path.lastIndexOf('/'))
  const owner = valueAt(data, ownerPath)
  const known = namesIn(violation.schema)
  const where = ownerPath === '' ? '' : ` in ${dottedName(ownerPath)}`
  const isPresent = (candidate: string): boolean => isJsonObject(owner) && Object.hasOwn(owner, candidate)
  const meant =
    nearest(
      name,
      known.filter((candidate) => !isPresent(candidate)),
    ) ?? nearest(name, known)
  const free = known.filter((candidate) => !isPresent(candidate))
  const allowed = free.length === 0 ? 'Nothing more is allowed here.' : `Allowed here: ${listed(free, 'and')}.`
  const hint = meant !== undefined ? `Did you mean "${meant}"?` : (SPECIAL_HINTS[name] ?? allowed)
  return { path: violation.path, at: 'key', message: `Unknown field ${quoted(name)}${where}.`, hint }
}

const SPECIAL_HINTS: Readonly<Record<string, string>> = {
  api_key: 'A key never stands in a job: put it in an environment variable and name that in provider.api_key_env.',
  max_tokens: 'It belongs under params: `params: { max_tokens: … }`.',
  temperature: 'It belongs under params: `params: { temperature: … }`.',
  schema: 'It belongs under output: `output: { schema: … }`.',
}

function missingField({ path, params, schema }: SchemaViolation, { data, catalog }: Context): Finding {
  const name = String(params.missingProperty)
  const message = `${path === '' ? 'A job' : dottedName(path)} needs "${name}".`
  if (name === 'type') return { path, at: 'key', message, hint: typeHint(path, data, catalog) }
  const described = isJsonObject(schema.properties) ? schema.properties[name] : undefined
  if (!isJsonObject(described)) return { path, at: 'key', message }
  const [example] = (described.examples as Json[] | undefined) ?? []
  const value = typeof example === 'string' ? example : JSON.stringify(example)
  const words = [described.description, example === undefined ? undefined : `For example: \`${name}: ${value}\`.`]
  return { path, at: 'key', message, hint: words.filter((part) => part !== undefined).join(' ') }
}

/** The type that the path's extension stands for, else all there are. */
function typeHint(path: string, data: Json, { sources, sinks }: Catalog): string {
  const components = path === '/dataset' ? sources : sinks
  const owner = valueAt(data, path)
  const file = isJsonObject(owner) && typeof owner.path === 'string' ? owner.path : ''
  const type = typeForPath(file, components)
  if (type !== undefined) return `Add \`type: ${type}\`.`
  return `Add \`type: …\` with one of ${listed(components.map((component) => component.type))}.`
}

function noMapping(data: Json): Finding {
  return {
    path: '',
    at: 'value',
    message:
      data === null ? 'This file is empty.' : `A job is a mapping of keys to values; this is ${describeValue(data)}.`,
    hint: 'The least that a job needs is `model`, `dataset` and `prompt`.',
  }
}

function didYouMean(meant: string | undefined): { hint?: string } {
  return meant === undefined ? {} : { hint: `Did you mean "${meant}"?` }
}

function namesIn(schema: JsonObject): string[] {
  return isJsonObject(schema.properties) ? Object.keys(schema.properties) : []
}

/** What the components say of options that fit their schema. */
function componentFindings(data: JsonObject, catalog: Catalog, violations: readonly SchemaViolation[]): Finding[] {
  const owners: [string, Json | undefined, readonly Component[]][] = [['/dataset', data.dataset, catalog.sources]]
  for (const [pointer, sink] of mappingsIn(data, 'sinks')) owners.push([pointer, sink, catalog.sinks])
  return owners.flatMap(([pointer, options, components]) => {
    if (!isJsonObject(options) || violations.some(({ path }) => path === pointer || path.startsWith(`${pointer}/`)))
      return []
    const component = components.find((candidate) => candidate.type === options.type)
    return (component?.check?.(options) ?? []).map(({ message, hint, path = '' }): Finding => {
      return { path: `${pointer}${path}`, at: 'value', message, ...(hint === undefined ? {} : { hint }) }
    })
  })
}
