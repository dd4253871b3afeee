/** The syntax tree that Handlebars' parser makes, as far as we read and write it. */

export interface Location {
  /** Which template it is, as given to the parser. */
  readonly source?: string
  /** Lines count from 1, columns from 0. */
  readonly start: { readonly line: number; readonly column: number }
  readonly end: { readonly line: number; readonly column: number }
}

interface Node {
  readonly loc: Location
}

export interface Path extends Node {
  readonly type: 'PathExpression'
  /** True for @index, @root … */
  readonly data: boolean
  /** How many `../` it begins with. */
  readonly depth: number
  readonly parts: readonly string[]
  readonly original: string
}

export interface Literal extends Node {
  readonly type: 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral' | 'UndefinedLiteral' | 'NullLiteral'
  readonly value?: string | number | boolean
  readonly original?: string | number | boolean
}

export interface Call extends Node {
  readonly type: 'SubExpression'
  readonly path: Path | Literal
  readonly params: readonly Expression[]
  readonly hash: Hash | undefined
}

export type Expression = Path | Literal | Call

export interface Hash extends Node {
  readonly type: 'Hash'
  readonly pairs: readonly HashPair[]
}

export interface HashPair extends Node {
  readonly type: 'HashPair'
  readonly key: string
  readonly value: Expression
}

export interface Program extends Node {
  readonly type: 'Program'
  readonly body: readonly Statement[]
  readonly blockParams?: readonly string[]
}

export interface Mustache extends Node {
  readonly type: 'MustacheStatement' | 'Decorator'
  readonly path: Path | Literal
  readonly params: readonly Expression[]
  readonly hash: Hash | undefined
}

export interface Block extends Node {
  readonly type: 'BlockStatement' | 'DecoratorBlock'
  readonly path: Path | Literal
  readonly params: readonly Expression[]
  readonly hash: Hash | undefined
  readonly program: Program | undefined
  readonly inverse: Program | undefined
}

export interface Partial extends Node {
  readonly type: 'PartialStatement' | 'PartialBlockStatement'
  readonly name: Path | Literal | Call
  readonly params: readonly Expression[]
  readonly hash: Hash | undefined
  readonly program?: Program
}

export interface Content extends Node {
  readonly type: 'ContentStatement'
  readonly value: string
}

export interface Comment extends Node {
  readonly type: 'CommentStatement'
}

export type Statement = Mustache | Block | Partial | Content | Comment

/** The text of a program that has no expression; undefined where it has one. */
export function constantOf(program: Program): string | undefined {
  let text = ''
  for (const statement of program.body) {
    if (statement.type === 'ContentStatement') text += statement.value
    else if (statement.type !== 'CommentStatement') return undefined
  }
  return text
}

/** A name as it would be written between braces; undefined for what cannot be a helper: `a.b`, `this`, `../a`, `@a`. */
export function simpleName(path: Path | Literal): string | undefined {
  if (path.type !== 'PathExpression') return path.type === 'StringLiteral' ? String(path.value) : undefined
  const plain = path.parts.length === 1 && path.depth === 0 && !path.data && path.original === path.parts[0]
  return plain ? path.parts[0] : undefined
}

/** `{{"a b"}}` and `{{12}}` stand for the names in them. */
export function pathOf(expression: Path | Literal): Path {
  if (expression.type === 'PathExpression') return expression
  const name = String(
    expression.value ?? expression.original ?? (expression.type === 'NullLiteral' ? 'null' : 'undefined'),
  )
  return makePath([name], expression.loc, { original: name })
}

export function makePath(
  parts: readonly string[],
  loc: Location,
  more: { depth?: number; data?: boolean; original?: string } = {},
): Path {
  const original = more.original ?? parts.join('.')
  return { type: 'PathExpression', data: more.data ?? false, depth: more.depth ?? 0, parts, original, loc }
}

export function makeText(value: string, loc: Location): Literal {
  return { type: 'StringLiteral', value, original: value, loc }
}

/**
 * The name under which a helper is known to Handlebars. With the sign in front it can be neither a name in a row nor a
 * block parameter, so `{{date}}` is the row's date, and `{{#each x as |date|}}` does not take the helper away.
 */
export function internalName(helper: string): string {
  return `=${helper}`
}

export function internalPath(helper: string, loc: Location): Path {
  return makePath([internalName(helper)], loc)
}

export function makeCall(helper: string, params: readonly Expression[], loc: Location, hash?: Hash): Call {
  return { type: 'SubExpression', path: internalPath(helper, loc), params, hash, loc }
}
