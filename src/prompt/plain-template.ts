// A shortcut for templates that only put values into text, which most are: joined here they render several times faster
// than through Handlebars, and a run may have a million rows.

import type { TemplateText } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { ownValue } from './context.ts'
import { needed, printed, type Reading } from './reading.ts'
import { type Location, type Path, type Program, pathOf } from './template-ast.ts'
import { HelperError, rowErrorAt } from './template-error.ts'

/** A text with values in it: `constants[0] value constants[1] value …`. */
export interface PlainTemplate {
  /** One more than there are slots. */
  readonly constants: readonly string[]
  readonly slots: readonly Slot[]
  /** What the slots say. Throws TemplateRowError: an unknown name, null or an object. */
  values(context: JsonObject): string[]
  textOf(slot: Slot, context: JsonObject): string
}

/** A place where a value stands. */
export interface Slot extends Reading {
  readonly loc: Location
  /** The only name of a path that has no more. */
  readonly name: string | undefined
}

/** undefined: the template has more in it than text and `{{name}}` or `{{name.name}}`. */
export function compilePlain(program: Program, source: TemplateText): PlainTemplate | undefined {
  const slots: Slot[] = []
  const constants = ['']
  for (const statement of program.body) {
    if (statement.type === 'CommentStatement') continue
    if (statement.type === 'ContentStatement') {
      constants[slots.length] += statement.value
      continue
    }
    if (statement.type !== 'MustacheStatement' || statement.params.length > 0) return undefined
    if ((statement.hash?.pairs.length ?? 0) > 0) return undefined
    const path = pathOf(statement.path)
    if (!isPlain(path)) return undefined
    const name = path.parts.length === 1 ? path.parts[0] : undefined
    slots.push({ original: path.original, names: path.parts, loc: path.loc, name })
    constants.push('')
  }
  const textOf = (slot: Slot, context: JsonObject): string => {
    const value = slot.name === undefined ? undefined : ownValue(context, slot.name)
    return typeof value === 'string' ? value : slowly(context, slot, source)
  }
  return { constants, slots, textOf, values: (context) => slots.map((slot) => textOf(slot, context)) }
}

function isPlain(path: Path): boolean {
  return !path.data && path.depth === 0 && path.parts.length > 0
}

function slowly(context: JsonObject, slot: Slot, source: TemplateText): string {
  try {
    return printed(needed(context, slot, context), slot.original)
  } catch (error) {
    throw error instanceof HelperError ? rowErrorAt(source, slot.loc, error) : error
  }
}
