/** The one door to `yaml`: a text becomes plain JSON data, and every value keeps its place in the text. */

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
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

const SHOWN_PROBLEMS = 5
/** A broken text of 1 MB can have half a million errors; the first ones say it all. */
const EXAMINED_ERRORS = 100

/** Line and column count from 1; `length` is how many characters of the line belong to it. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly length: number
}

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
  /** Whether the scalar at the pointer stands there without quotes. */
  isPlain(pointer: string): boolean
}

/** Never throws: whatever the text holds, the answer is data or problems, in bounded time. */
export function parseYaml(text: string): ParsedYaml {
  const counter = new LineCounter()
  const lines = text.split(/\r?\n/)
  const line = (number: number): string => lines[number - 1] ?? ''
  const placeOf = (from: number, to: number): Place => {
    const start = counter.linePos(Math.min(from, text.length))
    const rest = line(start.line).length - start.col + 1
    return {
      line: Math.max(1, start.line),
      column: Math.max(1, start.col),
      length: Math.max(1, Math.min(to - from, rest)),
    }
  }
  const failed = (from: number, to: number, problem: Problem): ParsedYaml => {
    if (counter.lineStarts.length === 0) for (const start of lineStarts(text)) counter.addNewLine(start)
    return { ...nothing(line), problems: [placed(problem, placeOf(from, to), line)] }
  }
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return failed(0, 1, TOO_LARGE)
  try {
    const deep = tooDeepAt(new Lexer().lex(text), MAX_DEPTH)
    if (deep !== undefined) return failed(deep, deep + 1, TOO_DEEP)
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: true, uniqueKeys: false })
    const found = [...document.errors, ...document.warnings]
      .slice(0, EXAMINED_ERRORS)
      .map(({ code, message, pos }): Found => {
        return { problem: syntaxProblem(code, message, text.slice(pos[0], pos[1]), lineAround(text, pos[0])), at: pos }
      })
    if (found.length === 0) found.push(...contentProblems(document, text))
    if (found.length > 0) return { ...nothing(line), problems: distinct(found, placeOf, line) }
    const data = document.toJS({ maxAliasCount: MAX_ALIASES }) as Json
    return { data, problems: [], line, ...places(document, text, placeOf) }
  } catch (error) {
    if (error instanceof RangeError) return failed(0, 1, TOO_DEEP)
    return failed(0, 1, referenceProblem(messageOf(error)))
  }
}

function nothing(line: (number: number) => string): ParsedYaml {
  return {
    data: undefined,
    problems: [],
    line,
    locate: () => ({ line: 1, column: 1, length: 1 }),
    isPlain: () => false,
  }
}

function placed(problem: Problem, place: Place, line: (number: number) => string): Problem {
  return { ...problem, ...place, excerpt: line(place.line) }
}

interface Found {
  readonly problem: Problem
  readonly at: readonly [number, number]
}

/** One slip often makes a cascade of errors: one for each line, and only the first few. */
function distinct(
  found: readonly Found[],
  placeOf: (from: number, to: number) => Place,
  line: (number: number) => string,
): readonly Problem[] {
  const byLine = new Map<number, Problem>()
  for (const { problem, at } of found) {
    const place = placeOf(at[0], Math.max(at[1], at[0] + 1))
    if (!byLine.has(place.line)) byLine.set(place.line, placed(problem, place, line))
  }
  return [...byLine.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, SHOWN_PROBLEMS)
}

/** What YAML allows and a job cannot hold. */
function contentProblems(document: Document, text: string): Found[] {
  const found: Found[] = []
  const add = (node: unknown, problem: (given: string, line: string) => Problem | undefined): void => {
    if (found.length >= EXAMINED_ERRORS) return
    const [from, to] = (node as Node | null)?.range ?? [0, 1]
    const made = problem(text.slice(from, to), lineAround(text, from))
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
        if (seen.has(name)) add(key, (given) => syntaxProblem('DUPLICATE_KEY', '', given, ''))
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

function places(
  document: Document,
  text: string,
  placeOf: (from: number, to: number) => Place,
): Pick<ParsedYaml, 'locate' | 'isPlain'> {
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
      const node = what === 'key' || isEmpty ? (key ?? value) : value
      const [from = 0, to = 1] = node?.range ?? []
      if (what !== 'text' || !isScalar(node)) return placeOf(from, to)
      const start = textStart(text, node, from)
      return placeOf(start, Math.max(to, start + 1))
    },
    isPlain(pointer) {
      const { value } = find(pointer)
      return isScalar(value) && value.type === 'PLAIN'
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

/** Where the text's own first character stands: after a quote, or on the first line of a block. */
function textStart(text: string, node: Scalar, from: number): number {
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return from + 1
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return from
  const content = /\n([ ]*)/y
  content.lastIndex = text.indexOf('\n', from)
  return content.lastIndex < 0 || content.exec(text) === null ? from : content.lastIndex
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** As much of the line around a place as is worth looking at. */
function lineAround(text: string, offset: number): string {
  const around = text.slice(Math.max(0, offset - 200), offset)
  const after = text.slice(offset, offset + 200)
  return around.slice(around.lastIndexOf('\n') + 1) + (after.split('\n', 1)[0] ?? '')
}
