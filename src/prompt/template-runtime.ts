// What templates do while they are rendered: the internal helpers that rewrite.ts calls, and the bounds that keep a
// template which loops from running for ever.

import { UserError } from '../core/errors.ts'
import type { Job, TemplateText } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { describeValue } from '../core/phrase.ts'
import { extendedContext, ownValue } from './context.ts'
import { HELPERS, isTruthy } from './helpers.ts'
import { follow, needed, perhaps, printed } from './reading.ts'
import { internalName, type Location } from './template-ast.ts'
import { checkLength, HelperError, problemAt, rowErrorAt, START, TemplateRowError } from './template-error.ts'

/** Partials inside partials: a tree may be deep, a template that calls itself without end is deeper. */
const MAX_DEPTH = 100
/** Turns of all loops and calls of all partials of one text: about a second. */
const MAX_TURNS = 1_000_000

interface CallOptions {
  readonly hash: Readonly<Record<string, unknown>>
  readonly loc: Location
  readonly data: { readonly root: unknown }
  readonly fn: (context: unknown, options?: object) => string
  readonly inverse: (context: unknown) => string
}

/** What {{#each}} tells the text inside it. */
interface EachData {
  root: unknown
  _parent: unknown
  key: string | number
  index: number
  first: boolean
  last: boolean
}

/** As Handlebars calls it: the values, then the options. */
type Callback = (this: unknown, ...args: unknown[]) => unknown

export interface TemplateRuntime {
  readonly helpers: Readonly<Record<string, Callback>>
  /** Partials that templates define themselves, so that a row may name them. */
  readonly inlinePartials: Set<string>
  /** Throws TemplateRowError when partials call each other too deep. */
  enterPartial(name: string, source: TemplateText, call: () => string): string
  /** A template as Handlebars compiled it, within bounds, its errors as TemplateRowError. */
  guard(source: TemplateText, render: (context: JsonObject) => string): (context: JsonObject) => string
}

/** `sources` gives the template of a location's source number; it grows as templates are parsed. */
export function createTemplateRuntime(options: {
  readonly sources: readonly TemplateText[]
  readonly partials: Job['partials']
}): TemplateRuntime {
  const inlinePartials = new Set<string>()
  let depth = 0
  let turns = 0

  /** Gives a helper's errors the place of its call. */
  function placed(work: (this: unknown, values: unknown[], options: CallOptions) => unknown): Callback {
    return function (this: unknown, ...args) {
      const call = args.pop() as CallOptions
      try {
        return work.call(this, args, call)
      } catch (error) {
        const source = options.sources[Number(call.loc.source)]
        throw error instanceof HelperError && source !== undefined ? rowErrorAt(source, call.loc, error) : error
      }
    }
  }

  const reader = (read: (head: unknown, reading: { original: string; names: string[] }, root: unknown) => unknown) =>
    placed(([original, head, ...names], { data }) =>
      read(head, { original: original as string, names: names as string[] }, data.root),
    )

  function turn(): void {
    turns += 1
    if (turns > MAX_TURNS) {
      const most = MAX_TURNS.toLocaleString('en-US')
      throw new HelperError(`The loops and partials of this template take more than ${most} turns.`)
    }
  }

  const internal: Record<string, Callback> = {
    text: reader((head, reading, root) => printed(needed(head, reading, root), reading.original)),
    need: reader(needed),
    may: reader(perhaps),
    any: reader((head, { names }) => follow(head, names)),
    out: placed(([value, name]) => printed(value, `(${name} …)`)),
    called: placed(() => {
      turn()
      return ''
    }),
    extend: placed(([context], { hash }) => extendedContext(context, hash)),
    lookup: placed(([from, name]) => ownValue(from, String(name))),
    partial: placed(([name]) => {
      const known = [...Object.keys(options.partials), ...inlinePartials]
      if (typeof name === 'string' && known.includes(name)) return name
      const guess = nearest(String(name), known)
      throw new HelperError(
        `Unknown partial ${describeValue(name)}.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
      )
    }),
    if: placed(function ([value], { hash, fn, inverse }) {
      return isTruthy(value) || (value === 0 && hash.includeZero === true) ? fn(this) : inverse(this)
    }),
    unless: placed(function ([value], { hash, fn, inverse }) {
      return isTruthy(value) || (value === 0 && hash.includeZero === true) ? inverse(this) : fn(this)
    }),
    with: placed(function ([value], { fn, inverse }) {
      return isTruthy(value) || value === 0 ? fn(value, { blockParams: [value] }) : inverse(this)
    }),
    each: placed(function ([value], call) {
      if (!isTruthy(value)) return call.inverse(this)
      if (typeof value === 'object') return each.call(this, value as object, call, turn)
      throw new HelperError(
        `{{#each}} needs a list or an object; it was given ${describeValue(value)}.`,
        'Write {{#if …}} to ask whether there is a value.',
      )
    }),
    /** {{#name}} … {{/name}} */
    section: placed(function ([value], call) {
      if (value === true) return call.fn(this)
      if (value === false || value === null || value === undefined) return call.inverse(this)
      return Array.isArray(value) ? each.call(this, value, call, turn) : call.fn(value)
    }),
  }
  for (const helper of HELPERS) internal[helper.name] = placed((values, { hash }) => helper.call(values, hash))

  return {
    inlinePartials,
    helpers: Object.fromEntries(Object.entries(internal).map(([name, helper]) => [internalName(name), helper])),
    enterPartial(name, source, call) {
      depth += 1
      try {
        turn()
        if (depth <= MAX_DEPTH) return checkLength(call(), source)
        throw loops(source, `The partial "${name}" is called ${MAX_DEPTH} calls deep and would go on.`)
      } catch (error) {
        throw error instanceof HelperError ? rowErrorAt(source, START, error) : error
      } finally {
        depth -= 1
      }
    },
    guard: (source, render) => (context) => {
      depth = 0
      turns = 0
      try {
        return checkLength(render(context), source)
      } catch (error) {
        // Partials that a template defines itself are not counted; the stack ends them.
        if (error instanceof RangeError) throw loops(source, 'The template calls itself without end.', error)
        if (error instanceof TemplateRowError || !(error instanceof UserError)) throw error
        // A partial that only the row names, and that cannot be parsed.
        throw new TemplateRowError(error.problems[0] ?? { message: error.message }, error)
      }
    },
  }
}

/** As Handlebars does it: @index, @key, @first and @last, and the item and its key as block parameters. */
function each(this: unknown, collection: object, call: CallOptions, turn: () => void): string {
  const keys = Array.isArray(collection) ? undefined : Object.keys(collection)
  const count = keys?.length ?? (collection as unknown[]).length
  // Not a spread: that takes 40 times as long here.
  const data: EachData = Object.assign({ _parent: undefined, key: 0, index: 0, first: true, last: false }, call.data)
  data._parent = call.data
  let text = ''
  for (let index = 0; index < count; index += 1) {
    turn()
    const key = keys?.[index] ?? index
    const item = (collection as Record<string | number, unknown>)[key]
    data.key = key
    data.index = index
    data.first = index === 0
    data.last = index === count - 1
    text += call.fn(item, { data, blockParams: [item, key] })
    if (text.length > MAX_LOOP_CHARACTERS)
      throw new HelperError('The text of this loop is too long to be sent by anyone.')
  }
  return count === 0 ? call.inverse(this) : text
}

const MAX_LOOP_CHARACTERS = 32 * 1024 * 1024

function loops(source: TemplateText, message: string, cause?: unknown): TemplateRowError {
  const hint = 'Give a partial that calls itself an end: {{#if children}}{{#each children}}{{> tree}}{{/each}}{{/if}}.'
  return new TemplateRowError(problemAt(source, START, message, hint), cause)
}
