/** The one door to `yaml`: a text becomes plain JSON data, and every value keeps its place in the text. */

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { messageOf, type Problem } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { pointerParts } from '../core/pointer.ts'
import {
  aliasProblem,
  MAX_ALIASES,
  MAX_DEPTH,
  MAX_TEXT_BYTES,
  numberProblem,
  PROTOTYPE_KEY,
  referenceProblem,
  TOO_DEEP,
  TOO_LARGE,
  TOO_MANY_ALIASES,
  taggedProblem,
} from './content-problem.ts'
import { tooDeepAt } from './nesting.ts'
import { syntaxProblem } from './syntax-problem.ts'
import { type Place, type TextLines, textLines } from './text-lines.ts'

const SHOWN_PROBLEMS = 5
const MORE_BELOW = 'From here on, more lines are wrong; they are not listed.'
const MEND_FIRST = 'Mend the first ones: one slip often makes many lines wrong.'
/** A broken text of 1 MB can have half a million errors; the first ones say it all. */
const EXAMINED_ERRORS = 100

export interface ParsedYaml {
  /** The text's data; undefined when there are problems. */
  readonly data: Json | undefined
  /** What is wrong with the text as YAML: with line, column and excerpt, without a file. */
  readonly problems: readonly Problem[]
  /**
   * Where the key or the value at a JSON pointer stands; where there is nothing at the pointer, the nearest thing above
   * it. `text`: where the first character of a text stands, after quotes or the `|` of a block.
   */
  locate(pointer: string, what: 'key' | 'value' | 'text'): Place
  /** The line as it stands in the text, from 1. */
  line(number: number): string
}

/** Never throws: whatever the text holds, the answer is data or problems, in bounded time. */
export function parseYaml(text: string): ParsedYaml {
  const lines = textLines(text)
  const failed = (found: readonly Found[]): ParsedYaml => ({
    data: undefined,
    problems: distinct(found, lines),
    line: lines.line,
    locate: () => lines.place(0, 1),
  })
  const failedAt = (offset: number, problem: Problem): ParsedYaml => failed([{ problem, at: [offset, offset + 1] }])
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return failedAt(0, TOO_LARGE)
  try {
    const deep = tooDeepAt(new Lexer().lex(text), MAX_DEPTH)
    if (deep !== undefined) return failedAt(deep, TOO_DEEP)
    const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false })
    const errors = [...document.errors, ...document.warnings].slice(0, EXAMINED_ERRORS)
    const found = errors.map((error) => syntaxFound(error, text, lines))
    if (found.length === 0) found.push(...contentProblems(document, text, lines))
    if (found.length > 0) return failed(found)
    const data = document.toJS({ maxAliasCount: MAX_ALIASES }) as Json
    return { data, problems: [], line: lines.line, ...places(document, text, lines) }
  } catch (error) {
    return failedAt(0, error instanceof RangeError ? TOO_DEEP : referenceProblem(messageOf(error)))
  }
}

interface Found {
  readonly problem: Problem
  readonly at: readonly [number, number]
}

/** One slip often makes a cascade of errors: one for each line, and only the first few. */
function distinct(found: readonly Found[], lines: TextLines): readonly Problem[] {
  const byLine = new Map<number, Problem>()
  for (const { problem, at } of found) {
    const place = lines.place(at[0], Math.max(at[1], at[0] + 1))
    if (!byLine.has(place.line)) byLine.set(place.line, { ...problem, ...place, excerpt: lines.line(place.line) })
  }
  const all = [...byLine.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const [next] = all.slice(SHOWN_PROBLEMS)
  const shown = all.slice(0, SHOWN_PROBLEMS)
  return next === undefined ? shown : [...shown, { ...next, message: MORE_BELOW, hint: MEND_FIRST }]
}

function syntaxFound({ code, message, pos }: YAMLError, text: string, lines: TextLines): Found {
  const [from, to] = pos
  const problem = syntaxProblem(code, message, text.slice(from, to), lines.around(from))
  // What is not closed is noticed at the end of the text; the person looks for where it was opened.
  const quote = code === 'MISSING_CHAR' ? /closing (["'])quote/.exec(message)?.[1] : undefined
  const isBracket = code === 'BAD_INDENT' && /Flow/.test(message)
  const opened = quote === undefined ? (isBracket ? openBracket(text, from) : -1) : text.lastIndexOf(quote, from - 1)
  return { problem, at: opened < 0 ? [from, to] : [opened, opened + 1] }
}

/** How far a bracket is looked for: a job's longest list on a few lines. */
const MOST_BETWEEN = 10_000

/** Where the innermost bracket stands that is open at a place, brackets in quotes taken for brackets; -1: there is none. */
function openBracket(text: string, before: number): number {
  let closed = 0
  for (let at = before - 1; at >= Math.max(0, before - MOST_BETWEEN); at -= 1) {
    const letter = text[at] ?? ''
    if (letter === ']' || letter === '}') closed += 1
    if ((letter === '[' || letter === '{') && --closed < 0) return at
  }
  return -1
}

/** What YAML allows and a job cannot hold. */
function contentProblems(document: Document, text: string, lines: TextLines): Found[] {
  const found: Found[] = []
  const add = (node: unknown, problem: (given: string, line: string) => Problem | undefined): void => {
    if (found.length >= EXAMINED_ERRORS) return
    const [from, to] = (node as Node | null)?.range ?? [0, 1]
    const made = problem(text.slice(from, to), lines.around(from))
    if (made !== undefined) found.push({ problem: made, at: [from, to] })
  }
  // Our own table of anchors: alias.resolve() walks the whole document each time.
  const anchors = new Map<string, Node>()
  let aliases = 0
  const stopWhereDeep = (node: YAMLMap | YAMLSeq, path: readonly unknown[]): symbol | undefined => {
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    if (path.filter(isCollection).length < MAX_DEPTH) return undefined
    add(node, () => TOO_DEEP)
    return visit.BREAK
  }
  visit(document, {
    // The parser's own check for equal keys takes half a minute for 60,000 keys.
    Map: (_, map, path) => {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.source ?? key.value) : undefined
        if (name === undefined || name === '<<') continue
        if (seen.has(name)) add(key, () => syntaxProblem('DUPLICATE_KEY', '', name, ''))
        seen.add(name)
      }
      return stopWhereDeep(map, path)
    },
    Seq: (_, list, path) => stopWhereDeep(list, path),
    Pair: (_, { key }) => {
      if (isMap(key) || isSeq(key)) add(key, (given, line) => syntaxProblem('COLLECTION_KEY', '', given, line))
      else if (isScalar(key) && String(key.value) === '__proto__') add(key, () => PROTOTYPE_KEY)
    },
    Alias: (_, alias, path) => {
      aliases++
      const target = anchors.get(alias.source)
      if (target === undefined || path.includes(target))
        add(alias, () => aliasProblem(alias.source, target !== undefined))
      if (aliases <= MAX_ALIASES) return undefined
      add(alias, () => TOO_MANY_ALIASES)
      return visit.BREAK
    },
    Scalar: (key, node) => {
      const { value, source = '', anchor } = node
      if (anchor !== undefined) anchors.set(anchor, node)
      if (typeof value === 'number' && key !== 'key') add(node, () => numberProblem(value, source))
      if (typeof value === 'object' && value !== null) add(node, () => taggedProblem(node.tag ?? ''))
    },
  })
  return found
}

function places(document: Document, text: string, lines: TextLines): Pick<ParsedYaml, 'locate'> {
  const find = (pointer: string): { key: Node | undefined; value: Node | undefined } => {
    let key: Node | undefined
    let value: Node | undefined = document.contents ?? undefined
    for (const part of pointerParts(pointer)) {
      const step = stepInto(resolved(value, document), part, document)
      if (step === undefined) break
      key = step.key ?? step.value
      value = step.value
    }
    return { key, value }
  }
  return {
    locate(pointer, what) {
      const { key, value } = find(pointer)
      const isEmpty = value?.range === undefined || value.range === null || (isScalar(value) && value.source === '')
      const first = pointer === '' && isMap(value) ? (value.items[0]?.key as Node | undefined) : undefined
      const node = what === 'key' || isEmpty ? (key ?? first ?? value) : value
      const [from = 0, to = 1] = node?.range ?? []
      if (what !== 'text' || !isScalar(node)) return lines.place(from, to)
      if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return blockStart(text, from, lines)
      const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
      return lines.place(isQuoted ? from + 1 : from, to)
    },
  }
}

function resolved(node: Node | undefined, document: Document): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node
}

/** One step down; what a mapping took over with `<<` is found where it was written. */
function stepInto(
  node: Node | undefined,
  part: string,
  document: Document,
): { key: Node | undefined; value: Node | undefined } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined
    return item === undefined ? undefined : { key: undefined, value: item }
  }
  if (!isMap(node)) return undefined
  const pairs = node.items as Pair<Node, Node | null>[]
  const nameOf = (pair: Pair<Node, Node | null>): string =>
    isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : ''
  const own = pairs.find((pair) => nameOf(pair) === part)
  if (own !== undefined) return { key: own.key, value: own.value ?? undefined }
  for (const pair of pairs.filter((candidate) => nameOf(candidate) === '<<')) {
    const merged = resolved(pair.value ?? undefined, document)
    const sources = isSeq(merged) ? (merged.items as Node[]) : [merged]
    for (const source of sources) {
      const step = stepInto(resolved(source, document), part, document)
      if (step !== undefined) return step
    }
  }
  return undefined
}

/** The first line after the `|`, and the column in which all lines of the block begin. */
function blockStart(text: string, from: number, lines: TextLines): Place {
  const first = text.indexOf('\n', from) + 1
  const indent = /^(?:[ ]*\r?\n)*([ ]*)/.exec(text.slice(first))?.[1] ?? ''
  return { ...lines.place(first, first + 1), column: indent.length + 1 }
}
