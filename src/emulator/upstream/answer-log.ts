// What an upstream has answered for a batch, a line for each request, appended as it comes: after a restart nothing that
// was answered is asked again.

import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { JsonObject } from '../../core/json.ts'
import { lineBlocks } from '../../disk/lines.ts'
import type { Line } from '../answers/line.ts'
import type { OutcomeType } from '../state/contents.ts'

const MAX_LINE = 256 * 1024 * 1024

interface LoggedLine {
  readonly ordinal: number
  readonly outcome: OutcomeType
  readonly content: string
  readonly message: string
  /** Absent: there is to be no line. */
  readonly result?: JsonObject
}

export class AnswerLog {
  readonly #handle: FileHandle
  /** Where each request's line begins; -1 where there is none. */
  readonly #starts: Float64Array
  readonly #lengths: Uint32Array
  #end: number
  #answered: number
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(handle: FileHandle, starts: Float64Array, lengths: Uint32Array, end: number, answered: number) {
    this.#handle = handle
    this.#starts = starts
    this.#lengths = lengths
    this.#end = end
    this.#answered = answered
  }

  /** `seen` hears of every answer that is in the log, in its order. A line that a crash cut off is removed. */
  static async open(path: string, requests: number, seen: (line: Line) => void): Promise<AnswerLog> {
    const handle = await open(path, 'a+')
    const starts = new Float64Array(requests).fill(-1)
    const lengths = new Uint32Array(requests)
    let end = 0
    let answered = 0
    const tooLong = (number: number) => new Error(`Line ${number} of ${path} is too long.`)
    const { size } = await handle.stat()
    for await (const lines of lineBlocks(createReadStream(path, { highWaterMark: 1 << 20 }), MAX_LINE, tooLong)) {
      for (const line of lines) {
        if (end + line.length + 1 > size) break
        const logged = JSON.parse(line.toString('utf8')) as LoggedLine
        if (starts[logged.ordinal] === -1) answered++
        starts[logged.ordinal] = end
        lengths[logged.ordinal] = line.length
        end += line.length + 1
        seen(lineOf(logged))
      }
    }
    await handle.truncate(end)
    return new AnswerLog(handle, starts, lengths, end, answered)
  }

  get answered(): number {
    return this.#answered
  }

  has(ordinal: number): boolean {
    return this.#starts[ordinal] !== -1
  }

  /** Resolved = a killed process will not ask again. */
  add(ordinal: number, line: Line): Promise<void> {
    const logged: LoggedLine = {
      ordinal,
      outcome: line.outcome,
      content: line.content.toString('base64'),
      message: line.message.toString('base64'),
      ...(line.result === undefined ? {} : { result: line.result }),
    }
    const bytes = Buffer.from(`${JSON.stringify(logged)}\n`)
    const added = this.#writing.then(async () => {
      for (let written = 0; written < bytes.length; ) {
        written += (await this.#handle.write(bytes, written, bytes.length - written)).bytesWritten
      }
      this.#starts[ordinal] = this.#end
      this.#lengths[ordinal] = bytes.length - 1
      this.#end += bytes.length
      this.#answered++
    })
    this.#writing = added.catch(() => undefined)
    return added
  }

  /** Undefined: it was not answered. */
  async read(ordinal: number): Promise<Line | undefined> {
    const start = this.#starts[ordinal] ?? -1
    if (start < 0) return undefined
    const bytes = Buffer.alloc(this.#lengths[ordinal] as number)
    for (let read = 0; read < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, read, bytes.length - read, start + read)
      if (bytesRead === 0) throw new Error('The log of upstream answers is shorter than it was.')
      read += bytesRead
    }
    return lineOf(JSON.parse(bytes.toString('utf8')) as LoggedLine)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#handle.close()
  }
}

function lineOf(logged: LoggedLine): Line {
  return {
    outcome: logged.outcome,
    result: logged.result,
    content: Buffer.from(logged.content, 'base64'),
    message: Buffer.from(logged.message, 'base64'),
  }
}
