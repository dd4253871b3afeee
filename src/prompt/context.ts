import type { JsonObject } from '../core/json.ts'

/** Where a context keeps the names that are not the row's own. */
const RESERVED: unique symbol = Symbol('reserved names')

/** The names of a template's context that a row cannot have. */
export const RESERVED_NAMES = ['vars', 'job'] as const

/**
 * What a template sees: the row's fields, and under names of their own what is the same for every row. `this`,
 * `{{#each this}}` and `{{json this}}` mean the row's fields alone.
 */
export function templateContext(fields: JsonObject, reserved: JsonObject): JsonObject {
  // Not a spread: that takes ten times as long, once a row. A field named __proto__ is refused before it comes here.
  return Object.assign({ [RESERVED]: reserved }, fields)
}

/** Own properties only, so that a template never reaches a prototype. undefined: there is no such name. */
export function ownValue(from: unknown, name: string): unknown {
  if (from === null || from === undefined) return undefined
  if (Object.hasOwn(from, name)) return (from as Record<string, unknown>)[name]
  const reserved = (from as { [RESERVED]?: JsonObject })[RESERVED]
  return reserved !== undefined && Object.hasOwn(reserved, name) ? reserved[name] : undefined
}

/** The same names with others over them, still the top level where it was one. */
export function extendedContext(context: unknown, names: Readonly<Record<string, unknown>>): object {
  return { ...(context as object), ...names }
}

/** Whether this is the top level rather than an item of a list or a nested object. */
export function isTopLevel(context: unknown, root: unknown): boolean {
  return context === root || (typeof context === 'object' && context !== null && RESERVED in context)
}

/** Every name that may be written here, the row's own first. */
export function namesIn(context: unknown): string[] {
  if (typeof context !== 'object' || context === null) return []
  return [...Object.keys(context), ...Object.keys((context as { [RESERVED]?: JsonObject })[RESERVED] ?? {})]
}
