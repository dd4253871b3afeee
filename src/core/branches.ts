/**
 * A value that fits none of a schema's alternatives breaks every one of them. Reporting all that would bury the person,
 * so we keep the alternative that was meant: the one whose shape or whose tag (`type: csv`) agrees with the value.
 */

import { describeValue } from './phrase.ts'
import { decoded, pointerParts } from './pointer.ts'
import type { KeywordError } from './violation.ts'

/** Replaces the errors of every failed anyOf and oneOf by those of the alternative that was meant. */
export function chooseBranches(errors: readonly KeywordError[], root: unknown): readonly KeywordError[] {
  return choose(errors, { root, known: new Map() })
}

interface Context {
  readonly root: unknown
  /** The subschemas of each alternative: a list with a thousand wrong items asks for them a thousand times. */
  readonly known: Map<unknown, ReadonlySet<unknown>>
}

function choose(errors: readonly KeywordError[], context: Context): readonly KeywordError[] {
  // An alternative's errors come before the anyOf that reports them, so the outermost is the last.
  const index = errors.findLastIndex((error) => isAlternatives(error))
  const alternatives = errors[index]
  if (alternatives === undefined) return errors
  const inside = (alternatives.schema as unknown[]).map((branch) => subschemasOf(branch, context))
  const before = errors.slice(0, index)
  const owned = new Set(before.filter((error) => isOwned(error, alternatives, inside)))
  const perBranch = inside.map((set) => [...owned].filter((error) => set.has(error.parentSchema)))
  const chosen = meant(alternatives, perBranch)
  return [
    ...choose(
      before.filter((error) => !owned.has(error)),
      context,
    ),
    ...(chosen.includes(alternatives) ? chosen : choose(chosen, context)),
    ...errors.slice(index + 1),
  ]
}

function isAlternatives(error: KeywordError): boolean {
  if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') return false
  return Array.isArray(error.schema) && !Array.isArray(error.params.passingSchemas)
}

/** Whether the error comes from one of the alternatives; `false` as an alternative is no object that could be known again. */
function isOwned(error: KeywordError, owner: KeywordError, inside: readonly ReadonlySet<unknown>[]): boolean {
  if (error.keyword === 'false schema' && error.instancePath === owner.instancePath) return true
  return isBelow(error, owner) && inside.some((set) => set.has(error.parentSchema))
}

function isBelow(error: KeywordError, owner: KeywordError): boolean {
  return error.instancePath === owner.instancePath || error.instancePath.startsWith(`${owner.instancePath}/`)
}

function meant(alternatives: KeywordError, perBranch: readonly (readonly KeywordError[])[]): readonly KeywordError[] {
  const at = alternatives.instancePath
  const isShape = (error: KeywordError): boolean => error.keyword === 'type' && error.instancePath === at
  const shaped = perBranch.filter((errors) => errors.length > 0 && !errors.some(isShape))
  if (shaped.length === 0) return [wrongShape(alternatives, perBranch.flat().filter(isShape))]
  const tagged = shaped.filter((errors) => !errors.some((error) => isTag(error, at)))
  if (tagged.length === 0)
    return [
      wrongTag(
        alternatives,
        shaped.flat().filter((error) => isTag(error, at)),
      ),
    ]
  return tagged.reduce((best, errors) => (weight(errors, at) < weight(best, at) ? errors : best))
}

/** A constant that does not agree, at the value itself or one step below it: this alternative was not meant. */
function isTag(error: KeywordError, at: string): boolean {
  const depth = pointerParts(error.instancePath).length - pointerParts(at).length
  return depth <= 1 && (error.keyword === 'const' || (error.keyword === 'enum' && depth === 0))
}

/** Unknown fields at the top speak against an alternative more than anything deeper; then the fewer errors the better. */
function weight(errors: readonly KeywordError[], at: string): number {
  const strange = errors.filter((error) => error.keyword === 'additionalProperties' && error.instancePath === at)
  return strange.length * 1000 + errors.length
}

function wrongShape(alternatives: KeywordError, errors: readonly KeywordError[]): KeywordError {
  const types = new Set(errors.flatMap((error) => error.params.type as string | string[]))
  if (types.size === 0) return alternatives
  return { ...alternatives, keyword: 'type', params: { type: [...types] } }
}

/** All alternatives disagree by a constant: what the constants are is all that need be said. */
function wrongTag(alternatives: KeywordError, errors: readonly KeywordError[]): KeywordError {
  const path = errors[0]?.instancePath ?? alternatives.instancePath
  const here = errors.filter((error) => error.instancePath === path)
  const allowed = here.flatMap((error) =>
    error.keyword === 'const' ? [error.params.allowedValue] : (error.params.allowedValues as unknown[]),
  )
  const unique = [...new Map(allowed.map((value) => [describeValue(value), value])).values()]
  return {
    ...alternatives,
    keyword: 'enum',
    instancePath: path,
    data: here[0]?.data,
    params: { allowedValues: unique },
  }
}

/** The schema object and every one below it, local references followed. */
function subschemasOf(schema: unknown, { root, known }: Context): ReadonlySet<unknown> {
  const before = known.get(schema)
  if (before !== undefined) return before
  const found = new Set<unknown>()
  const open = [schema]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || found.has(next)) continue
    found.add(next)
    for (const [name, member] of Object.entries(next)) {
      open.push(name === '$ref' && typeof member === 'string' ? resolveLocal(member, root) : member)
    }
  }
  known.set(schema, found)
  return found
}

function resolveLocal(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const part of pointerParts(decoded(reference.slice(1)))) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}
