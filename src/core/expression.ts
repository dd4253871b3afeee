// CEL expressions over a row: the only door of @marcbachmann/cel-js. Pure.

import { type ASTNode, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js'
import { UserError } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import { nearest } from './nearest.ts'
import { describeValue, listed, quoted } from './phrase.ts'

export interface Expression {
  /**
   * Whether the expression holds for these fields. Each field is a variable; `row` is all of them, for names that are
   * no CEL identifiers: `row["Review text"]`. Throws UserError where a name is unknown, an operator does not fit the
   * values, or the result is neither true nor false.
   */
  evaluate(fields: JsonObject): boolean
}

/** Throws UserError, with the column, for what is not CEL. */
export function compileExpression(text: string): Expression {
  const names = namesIn(parsed(text, text).ast)
  // A field may be called `type` or `list`, which CEL also uses as names of types: there the field wins.
  const typeNames = names.filter((name) => environment().hasVariable(name))
  const programs = new Map<string, Program>()
  return {
    evaluate(fields) {
      const shadowed = typeNames.filter((name) => Object.hasOwn(fields, name))
      const variant = shadowed.join()
      let program = programs.get(variant)
      if (program === undefined) {
        program = shadowing(text, shadowed)
        programs.set(variant, program)
      }
      const result = run(program, variables(names, shadowed, fields), text, fields)
      if (typeof result === 'boolean') return result
      throw new UserError({
        message: `The expression ${quoted(text)} gives ${describeValue(plain(result))} for this row; it has to give true or false.`,
        hint: 'Compare with something, as in stars > 3 or name != "".',
      })
    },
  }
}

type Program = ReturnType<Environment['parse']>

let shared: Environment | undefined

/** One for all expressions: to create it takes longer than to use it. */
function environment(): Environment {
  shared ??= createEnvironment()
  return shared
}

/**
 * JSON has one kind of number, CEL three that do not mix in calculations; here they mix. A text is never equal to a
 * number in CEL: with CSV, whose values are texts, a comparison would then be false for every row and nobody would know.
 */
function createEnvironment(): Environment {
  const mixing = new Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  })
  for (const [sign, calculate] of CALCULATIONS) {
    for (const [left, right] of MIXED) {
      mixing.registerOperator(`${left} ${sign} ${right}: double`, (a: unknown, b: unknown) =>
        calculate(Number(a), Number(b)),
      )
    }
  }
  mixing.registerOperator('double % double: double', (a: number, b: number) => a % b)
  for (const kind of ['int', 'uint', 'double']) {
    // The library derives the other order, and != too, from this one.
    mixing.registerOperator(`string == ${kind}: bool`, (a: unknown, b: unknown) =>
      typeof a === 'string' ? refuseEquality(a, b) : refuseEquality(String(b), a),
    )
  }
  return mixing
}

const CALCULATIONS: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
]

const MIXED = [
  ['double', 'int'],
  ['int', 'double'],
  ['double', 'uint'],
  ['uint', 'double'],
] as const

function refuseEquality(text: string, number: unknown): never {
  throw new UserError({
    message: `it compares the text ${quoted(text)} with the number ${String(number)}`,
    hint: `Compare texts with texts, as in == "${String(number)}", or convert: double(field) == ${String(number)}.`,
  })
}

/** `text` is what the user wrote; `source` is it, or it inside a binding that begins on the same line. */
function parsed(source: string, text: string): Program {
  try {
    return environment().parse(source)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const at = error.range?.start ?? 0
    const lineStart = text.lastIndexOf('\n', at - 1) + 1
    const excerpt = text.slice(lineStart).split('\n')[0] ?? ''
    const column = at - lineStart + 1
    throw new UserError({
      message: `The expression ${quoted(text)} is not CEL: ${sentence(error.summary)} at column ${column}.`,
      hint: hintForSyntax(error.summary, text, at),
      column,
      length: Math.max(1, (error.range?.end ?? at) - at),
      excerpt,
    })
  }
}

function sentence(summary: string): string {
  const text = summary.replace('token: EOF', 'end')
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function hintForSyntax(summary: string, text: string, at: number): string {
  const reserved = /^Reserved identifier: (.+)$/.exec(summary)?.[1]
  if (reserved !== undefined) return `"${reserved}" is a word of CEL; write the field as row["${reserved}"].`
  if (text[at] === '=') return 'Equality is written ==.'
  if (/\b(and|or|not)\b/.test(text)) return 'In CEL, and is written &&, or is ||, not is !.'
  return 'Examples: stars > 3 && lang == "en", name.startsWith("A"), tags.exists(t, t == "new"), has(author.email).'
}

/** Every name that stands for a variable somewhere in the expression. */
function namesIn(node: ASTNode): string[] {
  const names = new Set<string>()
  collect(node)
  return [...names]

  function collect(value: unknown): void {
    if (Array.isArray(value)) value.forEach(collect)
    else if (typeof value === 'object' && value !== null && 'op' in value && 'args' in value) {
      if (value.op === 'id') names.add(String(value.args))
      else collect(value.args)
    }
  }
}

/** The expression inside bindings that put fields over the names of CEL's types. */
function shadowing(text: string, names: readonly string[]): Program {
  const opening = names.map((name) => `cel.bind(${name}, ${fieldVariable(name)}, `).join('')
  return parsed(names.length === 0 ? text : `${opening}${text}\n${')'.repeat(names.length)}`, text)
}

function fieldVariable(name: string): string {
  return `field__${name}`
}

/** No prototype: `constructor` is no variable. */
function variables(names: readonly string[], shadowed: readonly string[], fields: JsonObject): Record<string, Json> {
  const values: Record<string, Json> = Object.create(null) as Record<string, Json>
  for (const name of names) {
    if (Object.hasOwn(fields, name)) values[name] = fields[name] ?? null
    else if (name === 'row') values[name] = fields
  }
  for (const name of shadowed) values[fieldVariable(name)] = fields[name] ?? null
  return values
}

function run(program: Program, values: Record<string, Json>, text: string, fields: JsonObject): unknown {
  try {
    return program(values)
  } catch (error) {
    const refused = causeOf(error)
    if (refused !== undefined) {
      throw new UserError({ ...refused, message: `${cannot(text)}: ${refused.message}.` })
    }
    if (!(error instanceof EvaluationError)) throw error
    throw new UserError({ message: `${cannot(text)}: ${reason(error.summary)}.`, hint: hint(error.summary, fields) })
  }
}

/** What an operator of ours threw, however deep the library wrapped it. */
function causeOf(error: unknown): UserError['problems'][number] | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof UserError) return at.problems[0]
  return undefined
}

function cannot(text: string): string {
  return `The expression ${quoted(text)} cannot be evaluated for this row`
}

function reason(summary: string): string {
  const name = unknownName(summary)
  if (name !== undefined) return `it has no field ${quoted(name)}`
  const key = /^No such key: (.+)$/.exec(summary)?.[1]
  if (key !== undefined) return `the value has no member ${quoted(key)}`
  return inWords(summary)
}

function hint(summary: string, fields: JsonObject): string {
  const name = unknownName(summary)
  const names = Object.keys(fields)
  if (name !== undefined) {
    const near = nearest(name, names)
    const known = `Its fields are ${listed(names.slice(0, 30).map(quoted), 'and')}.`
    return near === undefined ? `${known} Test for a field with has(row.${name}).` : `Did you mean "${near}"? ${known}`
  }
  if (summary.startsWith('No such key'))
    return 'Test for a member before using it: has(author.email) && author.email != "".'
  if (/overload.*\bstring\b/.test(summary) && /\b(int|double|uint)\b/.test(summary))
    return 'A text is no number: convert it with double(field) or int(field), or give the column a type where it is read.'
  if (/\bnull\b/.test(summary)) return 'The value is null here; test for it first: field != null && field > 3.'
  return 'Test the kind of a value with type(field) == string, or for its presence with has(row.field).'
}

function unknownName(summary: string): string | undefined {
  return /^Unknown variable: (.+)$/.exec(summary)?.[1]
}

/** 'no such overload: dyn<string> > int' → 'it has no meaning for string > int'. */
function inWords(summary: string): string {
  return summary
    .replaceAll(/dyn<(\w+)>/g, '$1')
    .replace(/^no such overload: /, 'there is no operation ')
    .replace(/^found no matching overload for '(.*)'$/, 'there is no function $1')
}

/** CEL's integers as numbers, so that they can be shown. */
function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
