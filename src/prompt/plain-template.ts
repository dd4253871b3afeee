// A shortcut for templates that only put values into text, which most are: joined here they render several times faster
// than through Handlebars, and a run may have a million rows.

import type { TemplateText } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { ownValue } from './context.ts'
import { needed, printed, type Reading } from './reading.ts'
import { type Location, type Path, type Program, pathOf, type Statement } from './template-ast.ts'
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
  /** Of an expression that is more than a path: renders it as Handlebars does. Throws TemplateRowError. */
  readonly render?: (context: JsonObject) => string
}

/** With more of them the template is rendered as a whole: each is a call of its own. */
const MOST_RENDERED = 8

/**
 * Values are `{{name}}` and `{{name.name}}`, and a few helpers and blocks at the top of the template, which `render` makes
 * for the statement at an index. undefined: the template has more in it.
 */
export function compilePlain(
  program: Program,
  source: TemplateText,
  render: (index: number) => (context: JsonObject) => string,
): PlainTemplate | undefined {
  const slots: Slot[] = []
  const constants = ['']
  let rendered = 0
  for (const [index, statement] of program.body.entries()) {
    if (statement.type === 'CommentStatement') continue
    if (statement.type === 'ContentStatement') {
      constants[slots.length] += statement.value
      continue
    }
    const path = plainPath(statement)
    if (path !== undefined) {
      const name = path.parts.length === 1 ? path.parts[0] : undefined
      slots.push({ original: path.original, names: path.parts, loc: path.loc, name })
    } else {
      rendered += 1
      const isValue = statement.type === 'MustacheStatement' || statement.type === 'BlockStatement'
      if (!isValue || rendered > MOST_RENDERED) return undefined
      slots.push({ original: '', names: [], loc: statement.loc, name: undefined, render: render(index) })
    }
    constants.push('')
  }
  const textOf = (slot: Slot, context: JsonObject): string => {
    if (slot.render !== undefined) return slot.render(context)
    const value = slot.name === undefined ? undefined : ownValue(context, slot.name)
    return typeof value === 'string' ? value : slowly(context, slot, source)
  }
  return { constants, slots, textOf, values: (context) => slots.map((slot) => textOf(slot, context)) }
}

/** undefined: the statement is more than a path from the top of the context. */
function plainPath(statement: Statement): Path | undefined {
  if (statement.type !== 'MustacheStatement' || statement.params.length > 0) return undefined
  if ((statement.hash?.pairs.length ?? 0) > 0) return undefined
  const path = pathOf(statement.path)
  return path.data || path.depth > 0 || path.parts.length === 0 ? undefined : path
}

function slowly(context: JsonObject, slot: Slot, source: TemplateText): string {
  try {
    return printed(needed(context, slot, context), slot.original)
  } catch (error) {
    throw error instanceof HelperError ? rowErrorAt(source, slot.loc, error) : error
  }
}
