/**
 * Renders rows without parsing them. Most prompts only put values into text, and most values stand in the dataset's JSON
 * just as they stand in a request's: then a request is the row's own bytes between constant ones. The outcome is the same
 * to the byte as when the templates are rendered, which every row is that is not surely of this kind.
 */
import { hasHalfCharacter } from '../core/half-character.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import type { FieldNames, RowText } from '../core/row-text.ts'
import type { PlannedPart } from '../core/write-request-line.ts'
import { type CachedPrefix, cachedPrefix, markedParts } from './cached-prefix.ts'
import { templateContext } from './context.ts'
import type { JobTemplates } from './job-templates.ts'
import { type Constant, type PerhapsBlank, type PlainPrompt, plainPrompt, type Source } from './plain-prompt.ts'
import type { ReadAmount } from './read-amount.ts'
import type { ShapeEntry, Shapes } from './shapes.ts'
import { TemplateRowError } from './template-error.ts'

/** What a request is and what the model reads of it, without its texts. */
export interface RequestMeasure extends ReadAmount {
  /** Index into the renderer's `shapes()`. */
  readonly shape: number
  /** Exact length of the body. */
  readonly bytes: number
  readonly messages: number
  /** The schema's part of `inputBytes`. */
  readonly schemaBytes: number
  /** Absent: nothing is marked to be cached. */
  readonly cached?: CachedPrefix
}

/** A request whose parts may be stretches of its row's text. */
export interface CopiedRequest extends RequestMeasure {
  readonly type: 'copied'
  readonly parts: readonly PlannedPart[]
}

export class RowCopier {
  readonly #prompt: PlainPrompt
  readonly #entry: ShapeEntry
  readonly #cached: CachedPrefix | undefined
  readonly #mostBytes: number
  readonly #reserved: JsonObject
  /** Rows that have such a field are not copied. */
  readonly #refused: readonly string[]
  /** For rows with the names of the last one: the position of each value's field; undefined: they are not copied. */
  #names: FieldNames | undefined
  #positions: readonly number[] | undefined

  private constructor(prompt: PlainPrompt, entry: ShapeEntry, cached: CachedPrefix | undefined, options: Options) {
    this.#prompt = prompt
    this.#entry = entry
    this.#cached = cached
    this.#mostBytes = options.mostBytes
    this.#reserved = options.templates.reserved
    this.#refused = options.templates.reservedUses.map(({ name }) => name)
  }

  /** undefined: the prompt needs more than copying. */
  static of(job: Job, shapes: Shapes, options: Options): RowCopier | undefined {
    const prompt = plainPrompt(options.templates)
    if (prompt === undefined) return undefined
    const { filled } = prompt
    const hasOwnPrefix = markedParts(filled).some((part) => part.type !== 'text' || !part.isConstant)
    return hasOwnPrefix ? undefined : new RowCopier(prompt, shapes.entry(filled), cachedPrefix(job, filled), options)
  }

  /**
   * undefined: something about the row is unusual, and the templates have to be rendered.
   *
   * @param fields of the row, asked for where a helper needs them
   */
  copy(row: RowText, fields: () => JsonObject): CopiedRequest | undefined {
    if (row.names !== this.#names) this.#learn(row.names)
    const positions = this.#positions
    if (positions === undefined || !this.#hasInk(row, positions)) return undefined
    const { index: shape, gaps, schemaBytes } = this.#entry
    const parts = new Array<PlannedPart>(gaps.length)
    let { bytes, inputBytes } = this.#entry
    for (let part = 0; part < gaps.length; part += 1) {
      const value = gaps[part] as number
      const field = positions[value] as number
      if (field >= 0 && row.isReady(field)) {
        const from = row.from(field)
        const to = row.to(field)
        parts[part] = { from: from - row.start, to: to - row.start }
        bytes += to - from
        inputBytes += row.textBytes(field)
        continue
      }
      const constant = field < 0 ? this.#made(this.#prompt.sources[value] as Source, fields) : rewritten(row, field)
      if (constant === undefined) return undefined
      parts[part] = constant.json
      bytes += Buffer.byteLength(constant.json)
      inputBytes += constant.bytes
    }
    if (bytes > this.#mostBytes) return undefined
    const messages = this.#prompt.filled.messages.length
    // Name by name: spread out, it takes four times as long, and there may be millions of them.
    const request: CopiedRequest = {
      type: 'copied',
      shape,
      parts,
      bytes,
      inputBytes,
      schemaBytes,
      messages,
      pdfPages: 0,
      pdfTextBytes: 0,
      imageTokens: 0,
      unseenDocuments: 0,
    }
    return this.#cached === undefined ? request : { ...request, cached: this.#cached }
  }

  /** A value that is no field; undefined: a helper has something to say against the row. */
  #made(source: Source, fields: () => JsonObject): Constant | undefined {
    if ('json' in source) return source
    if (!('render' in source)) return undefined
    try {
      return asJson(source.render(templateContext(fields(), this.#reserved)))
    } catch (error) {
      if (error instanceof TemplateRowError) return undefined
      throw error
    }
  }

  #learn(names: FieldNames): void {
    this.#names = names
    this.#positions = undefined
    if (this.#refused.some((name) => names.positionOf(name) >= 0)) return
    const positions: number[] = []
    for (const source of this.#prompt.sources) {
      const position = 'field' in source ? names.positionOf(source.field) : -1
      if (position < 0 && 'field' in source) return
      positions.push(position)
    }
    this.#positions = positions
  }

  /** Whether every text has a sign that is surely no blank. */
  #hasInk(row: RowText, positions: readonly number[]): boolean {
    for (const text of this.#prompt.perhapsBlank) if (!hasInk(row, text, positions)) return false
    return true
  }
}

interface Options {
  readonly templates: JobTemplates
  /** Larger requests are left to whoever says what is wrong with them. */
  readonly mostBytes: number
}

/** A value in another notation than ours, in ours; undefined: it has no text, or none that can be sent. */
function rewritten(row: RowText, field: number): Constant | undefined {
  const text = row.textOf(field)
  return text === undefined ? undefined : asJson(text)
}

function asJson(text: string): Constant | undefined {
  if (hasHalfCharacter(text)) return undefined
  return { json: JSON.stringify(text).slice(1, -1), bytes: Buffer.byteLength(text) }
}

/** Whether a value begins with a letter of ASCII; others that are no blanks either are left to the templates. */
function hasInk(row: RowText, { from, to }: PerhapsBlank, positions: readonly number[]): boolean {
  for (let value = from; value < to; value += 1) {
    const field = positions[value] as number
    if (field < 0 || row.from(field) === row.to(field)) continue
    const first = row.bytes[row.from(field)] as number
    if (first > SPACE && first < DELETE && first !== BACKSLASH) return true
  }
  return false
}

const SPACE = 32
const BACKSLASH = 92
const DELETE = 127
