import type { BodyPart, RequestShape } from '../core/batch.ts'
import { invariant } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Prompt } from '../core/prompt.ts'
import type { Provider } from '../provider/provider.ts'
import { type FilledPrompt, promptOf, type SlotValue, shapeName, slotValues } from './filled.ts'
import { createSentinels, splitAtSentinels } from './sentinel.ts'

/** What a row's prompt becomes on the wire, and what of it the model reads. */
export interface Spliced {
  readonly shape: number
  readonly parts: BodyPart[]
  /** Exact length of the body. */
  readonly bytes: number
  /** Text that the model reads. */
  readonly inputBytes: number
  /** The schema's part of it. */
  readonly schemaBytes: number
}

/** What is the same in all requests of one shape. */
export interface ShapeEntry {
  /** Into `shapes`. */
  readonly index: number
  /** For each part, which of the prompt's values it is. */
  readonly gaps: readonly number[]
  readonly bytes: number
  readonly inputBytes: number
  readonly schemaBytes: number
}

/**
 * The shapes of a run. A prompt of a kind not seen before is encoded once, with stand-ins for the row's own values, and
 * cut there; every further row of that kind is only spliced.
 */
export class Shapes {
  readonly shapes: RequestShape[] = []
  readonly #job: Job
  readonly #provider: Pick<Provider, 'encode'>
  readonly #entries = new Map<string, ShapeEntry>()
  readonly #sentinel: (index: number) => string

  constructor(job: Job, provider: Pick<Provider, 'encode'>) {
    this.#job = job
    this.#provider = provider
    this.#sentinel = createSentinels([JSON.stringify(job)])
  }

  splice(filled: FilledPrompt): Spliced {
    const entry = this.entry(filled)
    const values = slotValues(filled)
    let { bytes, inputBytes } = entry
    const parts = entry.gaps.map((slot): BodyPart => {
      const value = values[slot]
      invariant(value !== undefined, 'A row has fewer values than its shape has gaps.')
      if (typeof value !== 'string') {
        bytes += value.bytes
        if (value.encoding === 'text') inputBytes += value.upload === 'files' ? value.size : value.bytes
        return value
      }
      const json = JSON.stringify(value).slice(1, -1)
      const jsonBytes = Buffer.byteLength(json)
      bytes += jsonBytes
      // Without an escape the text is as long as what is read of it.
      inputBytes += json.length === value.length ? jsonBytes : Buffer.byteLength(value)
      return json
    })
    return { shape: entry.index, parts, bytes, inputBytes, schemaBytes: entry.schemaBytes }
  }

  /** Of the prompts of this kind; what its values are does not matter. */
  entry(filled: FilledPrompt): ShapeEntry {
    const name = shapeName(filled)
    const entry = this.#entries.get(name) ?? this.#make(filled)
    this.#entries.set(name, entry)
    return entry
  }

  #make(filled: FilledPrompt): ShapeEntry {
    const slots: SlotValue[] = []
    const prompt = promptOf(this.#job, filled, (value) => this.#sentinel(slots.push(value) - 1))
    const json = JSON.stringify(this.#provider.encode(prompt))
    const sentinels = slots.map((_, index) => this.#sentinel(index))
    const { texts, gaps } = splitAtSentinels(json, sentinels)
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const standIns = sentinels.reduce((sum, sentinel) => sum + sentinel.length, 0)
    const schemaBytes = prompt.output === undefined ? 0 : Buffer.byteLength(JSON.stringify(prompt.output.schema))
    const index = this.shapes.push({ texts }) - 1
    return { index, gaps, bytes, inputBytes: bytesRead(prompt) - standIns, schemaBytes }
  }
}

/** Bytes of everything in the prompt that the model reads as text, stand-ins included. */
function bytesRead({ system, messages, tools, output }: Prompt): number {
  const texts: string[] = system.map(({ text }) => text)
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'text') {
        texts.push(part.text)
        continue
      }
      const { source, title, context } = part
      const data = source.type === 'url' ? source.url : source.type === 'file' ? source.fileId : source.data
      texts.push(data, title ?? '', context ?? '')
    }
  }
  if (tools.length > 0) texts.push(JSON.stringify(tools))
  if (output !== undefined) texts.push(JSON.stringify(output.schema))
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
