// What the sinks of one text file have in common: jsonl, json, csv, tsv.

import { InvariantError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { OutcomeText } from '../core/outcome-text.ts'
import { putAscii } from '../core/put-bytes.ts'
import type { Outcome } from '../core/result.ts'
import { claim } from './claim.ts'
import { createPieceFile, type PieceFile } from './piece-file.ts'
import type { PartId, SinkContext, SinkPart, SinkWriter } from './sink.ts'
import { probeFile, targetPath } from './target-path.ts'

/** How a file reads. An item is one outcome's text with everything between it and the one before. */
export interface TextFormat {
  readonly head: string
  /** `position` counts the items of the file from 0. */
  item(outcome: Outcome, position: number): string
  tail(items: number): string
  /** What stands before and after an item that is the whole outcome as JSON; absent: items are something else. ASCII. */
  around?(position: number): readonly [before: string, after: string]
}

export async function probeTextFile(options: JsonObject, context: SinkContext): Promise<void> {
  const { path, location } = await targetPath(String(options.path), context)
  await probeFile(path, location)
}

export async function openTextFile(options: JsonObject, context: SinkContext, format: TextFormat): Promise<SinkWriter> {
  const { path, location } = await targetPath(String(options.path), context)
  const release = claim(path, location)
  try {
    const file = await createPieceFile(path)
    await file.add(format.head)
    await file.keep()
    return new TextFileWriter(file, location, format, release)
  } catch (error) {
    release()
    throw error
  }
}

class TextFileWriter implements SinkWriter {
  readonly location: string
  readonly #file: PieceFile
  readonly #format: TextFormat
  readonly #release: () => void
  readonly #order = new PartOrder()
  #items = 0

  constructor(file: PieceFile, location: string, format: TextFormat, release: () => void) {
    this.location = location
    this.#file = file
    this.#format = format
    this.#release = release
  }

  async openPart(part: PartId): Promise<SinkPart> {
    if (!this.#order.isNew(part)) return IGNORED_PART
    let items = this.#items
    const { around } = this.#format
    const writeText = (text: OutcomeText): Promise<void> | undefined => {
      const [before, after] = around?.(items++) ?? ['', '']
      return this.#file.fill(before.length + text.most + after.length, (into, at) =>
        putAscii(after, into, text.write(into, putAscii(before, into, at))),
      )
    }
    return {
      write: (outcome) => this.#file.add(this.#format.item(outcome, items++)),
      ...(around === undefined ? {} : { writeText }),
      commit: async () => {
        await this.#file.keep()
        this.#items = items
        this.#order.committed(part)
      },
      abort: async () => {
        await this.#file.undo().catch(() => undefined)
      },
    }
  }

  async finish(): Promise<void> {
    await this.#file.add(this.#format.tail(this.#items))
    await this.#file.commit()
    this.#release()
  }

  async abort(): Promise<void> {
    await this.#file.abort()
    this.#release()
  }
}

/** Receives a part that is written already: twice is once. */
export const IGNORED_PART: SinkPart = {
  write: () => undefined,
  commit: async () => undefined,
  abort: async () => undefined,
}

/** Parts of a file come in dataset order; one that comes again says nothing new. */
export class PartOrder {
  #last: PartId = { index: -1, attempt: 0 }

  isNew(part: PartId): boolean {
    if (part.index > this.#last.index) return true
    if (part.index === this.#last.index && part.attempt <= this.#last.attempt) return false
    throw new InvariantError(
      `Part ${part.index} (attempt ${part.attempt}) came after part ${this.#last.index} (attempt ${this.#last.attempt}); a file is written in dataset order.`,
    )
  }

  committed(part: PartId): void {
    this.#last = part
  }
}
