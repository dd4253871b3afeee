// What handlers print goes to the person who watches, in bounded amounts, and never into our own output.

import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

const MAX_LINES = 100
const MAX_COLUMNS = 300

/** Passes on the first lines that a handler's processes print; the rest is read and dropped. */
export class Printed {
  readonly #name: string
  readonly #notify: (text: string) => void
  #lines = 0

  constructor(name: string, notify: (text: string) => void) {
    this.#name = name
    this.#notify = notify
  }

  /** Reads the stream to its end. */
  follow(stream: Readable): void {
    const decoder = new StringDecoder('utf8')
    let pending = ''
    stream.on('data', (piece: Buffer) => {
      const parts = decoder.write(piece).split('\n')
      for (const [at, part] of parts.entries()) {
        // A line without an end is not gathered without end.
        if (pending.length <= MAX_COLUMNS) pending += part.slice(0, MAX_COLUMNS + 1)
        if (at === parts.length - 1) break
        this.#line(pending)
        pending = ''
      }
    })
    stream.on('end', () => this.#line(pending))
    stream.on('error', () => undefined)
  }

  #line(text: string): void {
    const line = text.replace(/\r$/, '')
    if (line.trim() === '' || this.#lines > MAX_LINES) return
    this.#lines += 1
    if (this.#lines > MAX_LINES) this.#notify(`${this.#name} prints more, which is not shown.`)
    else this.#notify(`${this.#name} prints: ${line.length > MAX_COLUMNS ? `${line.slice(0, MAX_COLUMNS)} …` : line}`)
  }
}
