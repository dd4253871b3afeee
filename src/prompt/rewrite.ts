// Rewrites a template's syntax tree so that every value it reads goes through a helper of ours, which knows what was
// written and where: Handlebars' own look-ups print nothing for null, [object Object] for objects, and fail without a
// place. On the way every mistake that can be seen without a row is found.

import type { Problem } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import type { Helper } from './helpers.ts'
import type { NameUse, PartialUse, Rewritten } from './rewritten.ts'
import { ITEM, inside, placeOfPath, ROOT, type Scope, UNSURE } from './scope.ts'
import {
  type Block,
  type Call,
  type Expression,
  type Hash,
  internalPath,
  type Location,
  type Mustache,
  makeCall,
  makePath,
  makeText,
  type Partial,
  type Path,
  type Program,
  pathOf,
  type Statement,
  simpleName,
} from './template-ast.ts'
import { placeAt, problemAt } from './template-error.ts'
import {
  BLOCKS,
  CONDITIONS,
  type Complaint,
  checkCount,
  helperNamed,
  unknownBlock,
  unknownHelper,
  unknownOption,
} from './vocabulary.ts'

/** How strictly a path is read: see reading.ts. The words are names of internal helpers. */
type Mode = 'text' | Helper['reads']

/** Handlebars takes some 30 KB to compile one. */
const MOST_EXPRESSIONS = 5000
const TOO_MANY = `From here on the template has more than ${MOST_EXPRESSIONS.toLocaleString('en-US')} expressions, which is more than a template can have.`

export function rewrite(program: Program, source: TemplateText): Rewritten {
  const rewriter = new Rewriter(source)
  const rewritten = rewriter.program(program, ROOT)
  const problems = rewriter.problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  return { ...rewriter, problems, program: rewritten }
}

class Rewriter {
  readonly problems: Problem[] = []
  readonly names: NameUse[] = []
  readonly partials: PartialUse[] = []
  readonly inlinePartials: string[] = []
  readsAll = false
  readonly #source: TemplateText
  #count = 0

  constructor(source: TemplateText) {
    this.#source = source
  }

  program(program: Program, scope: Scope): Program {
    return { ...program, body: program.body.map((statement) => this.#statement(statement, scope)) }
  }

  #statement(statement: Statement, scope: Scope): Statement {
    if (statement.type !== 'ContentStatement' && ++this.#count === MOST_EXPRESSIONS + 1)
      this.#problem(statement.loc, TOO_MANY, 'Write what repeats with {{#each}}, and long texts into the dataset.')
    switch (statement.type) {
      case 'MustacheStatement':
        return this.#mustache(statement, scope)
      case 'BlockStatement':
        return this.#block(statement, scope)
      case 'PartialStatement':
      case 'PartialBlockStatement':
        return this.#partial(statement, scope)
      case 'DecoratorBlock':
        return this.#inlinePartial(statement, scope)
      case 'Decorator':
        this.#problem(statement.loc, 'Decorators cannot be used here.', 'Only {{#*inline "name"}} … {{/inline}} can.')
        return statement
      default:
        return statement
    }
  }

  #mustache(mustache: Mustache, scope: Scope): Mustache {
    if (mustache.params.length === 0 && !hasPairs(mustache.hash)) {
      const value = this.#path(pathOf(mustache.path), 'text', scope)
      return { ...mustache, path: value.path, params: value.params, hash: undefined, loc: value.loc }
    }
    const call = this.#call(mustache.path, mustache.params, mustache.hash, scope)
    const params = [call, makeText(pathOf(mustache.path).original, call.loc)]
    return { ...mustache, path: internalPath('out', call.loc), params, hash: undefined, loc: call.loc }
  }

  #block(block: Block, scope: Scope): Block {
    const name = simpleName(block.path)
    const program = (into: Scope): Program | undefined =>
      block.program && this.program(block.program, into.withBlockParams(block.program.blockParams))
    const inverse = block.inverse && this.program(block.inverse, scope.withBlockParams(block.inverse.blockParams))
    if (block.params.length === 0 && !hasPairs(block.hash)) {
      if (name !== undefined && BLOCKS.includes(name)) {
        this.#problem(block.path.loc, `{{#${name}}} needs a value, as in {{#${name} tags}}.`)
      }
      const value = this.#path(pathOf(block.path), 'may', scope)
      const path = internalPath('section', value.loc)
      return { ...block, path, params: [value], hash: undefined, program: program(inside(scope, UNSURE)), inverse }
    }
    if (name !== undefined && CONDITIONS.includes(name)) {
      const condition = this.#call(block.path, block.params, block.hash, scope)
      const path = internalPath('if', condition.loc)
      return { ...block, path, params: [condition], hash: undefined, program: program(scope), inverse }
    }
    if (name === undefined || !BLOCKS.includes(name)) {
      this.#complain(block.path.loc, unknownBlock(pathOf(block.path).original))
      return block
    }
    if (block.params.length !== 1) {
      this.#problem(block.path.loc, `{{#${name}}} takes one value; it was given ${block.params.length}.`)
    }
    this.#checkOptions(name, block.hash, name === 'if' || name === 'unless' ? ['includeZero'] : [])
    const params = block.params.map((param) => this.#value(param, 'may', scope))
    const into = name === 'each' || name === 'with' ? inside(scope, ITEM) : scope
    const path = internalPath(name, block.path.loc)
    return { ...block, path, params, hash: this.#hash(block.hash, scope), program: program(into), inverse }
  }

  #call(path: Call['path'], params: readonly Expression[], hash: Hash | undefined, scope: Scope): Call {
    const name = simpleName(path)
    const helper = helperNamed(name)
    if (helper === undefined) this.#complain(path.loc, unknownHelper(pathOf(path).original))
    else {
      this.#complain(path.loc, checkCount(helper, params.length))
      this.#checkOptions(helper.name, hash, helper.options ?? [])
    }
    const mode = helper?.reads ?? 'may'
    const values = params.map((param, index) => {
      const isFallback = mode === 'any' && index === params.length - 1
      return this.#value(param, isFallback ? 'need' : mode, scope)
    })
    return { ...makeCall(name ?? 'need', values, path.loc), hash: this.#hash(hash, scope) }
  }

  #value(expression: Expression, mode: Mode, scope: Scope): Expression {
    if (expression.type === 'SubExpression')
      return this.#call(expression.path, expression.params, expression.hash, scope)
    return expression.type === 'PathExpression' ? this.#path(expression, mode, scope) : expression
  }

  /** `a.b` becomes (=need "a.b" this "a" "b"): Handlebars finds where the path begins, we follow it. */
  #path(path: Path, mode: Mode, scope: Scope): Call {
    const place = placeOfPath(path, scope)
    this.#complain(path.loc, place.problem)
    if (place.atTopLevel !== 'no') {
      const [name] = place.names
      if (name === undefined) this.readsAll = true
      else this.#useName(name, path.loc, place.atTopLevel === 'yes')
    }
    const names = place.names.map((name) => makeText(name, path.loc))
    return makeCall(mode, [makeText(path.original, path.loc), place.head, ...names], path.loc)
  }

  #partial(partial: Partial, scope: Scope): Partial {
    const program = partial.program && this.program(partial.program, inside(scope, UNSURE))
    const name = this.#partialName(partial, scope)
    if (partial.params.length > 1) {
      this.#problem(partial.loc, `A partial takes one context; it was given ${partial.params.length}.`)
    }
    let context = partial.params.slice(0, 1).map((param) => this.#value(param, 'need', scope))
    if (hasPairs(partial.hash)) {
      const from = context[0] ?? makePath([], partial.loc, { original: 'this' })
      context = [makeCall('extend', [from], partial.loc, this.#hash(partial.hash, scope))]
    }
    const changed = { ...partial, name, params: context, hash: undefined }
    return program === undefined ? changed : { ...changed, program }
  }

  #partialName({ name, params, program }: Partial, scope: Scope): Partial['name'] {
    if (name.type === 'SubExpression') {
      this.readsAll = true
      return makeCall('partial', [this.#call(name.path, name.params, name.hash, scope)], name.loc)
    }
    const original = String(name.original)
    if (original !== '@partial-block') {
      const atTopLevel = params.length === 0 && scope.isRoot
      this.partials.push({ name: original, loc: name.loc, hasFallback: program !== undefined, atTopLevel })
    }
    return name
  }

  #inlinePartial(block: Block, scope: Scope): Block {
    const [name] = block.params
    if (simpleName(block.path) !== 'inline' || name?.type !== 'StringLiteral') {
      this.#problem(block.loc, 'Only {{#*inline "name"}} … {{/inline}} may begin with #*.')
      return block
    }
    this.inlinePartials.push(String(name.value))
    const program = block.program && this.program(block.program, inside(scope, UNSURE))
    return { ...block, program: program && { ...program, body: [countedCall(block.loc), ...program.body] } }
  }

  #hash(hash: Hash | undefined, scope: Scope): Hash | undefined {
    if (!hasPairs(hash)) return undefined
    return { ...hash, pairs: hash.pairs.map((pair) => ({ ...pair, value: this.#value(pair.value, 'need', scope) })) }
  }

  #checkOptions(name: string, hash: Hash | undefined, allowed: readonly string[]): void {
    for (const { key, loc } of hash?.pairs ?? []) {
      if (!allowed.includes(key)) this.#complain(loc, unknownOption(name, key, allowed))
    }
  }

  #useName(name: string, loc: Location, certain: boolean): void {
    const { file, line, column } = placeAt(this.#source, loc)
    this.names.push({ name, file: file ?? '', line: line ?? 1, column: column ?? 1, certain })
  }

  #complain(loc: Location, complaint: Complaint | undefined): void {
    if (complaint !== undefined) this.#problem(loc, complaint.message, complaint.hint)
  }

  #problem(loc: Location, message: string, hint?: string): void {
    this.problems.push(problemAt(this.#source, loc, message, hint))
  }
}

/** Stands first in a partial that a template defines itself: whoever calls it goes through our hands only there. */
function countedCall(loc: Location): Mustache {
  const params = [makeText('', loc)]
  return { type: 'MustacheStatement', path: internalPath('called', loc), params, hash: undefined, loc }
}

function hasPairs(hash: Hash | undefined): hash is Hash {
  return hash !== undefined && hash.pairs.length > 0
}
