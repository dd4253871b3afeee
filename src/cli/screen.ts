// Lines that stay in place at the bottom of a terminal and are rewritten where they change.

import { displayWidth } from '../core/safe-text.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

export class Screen {
  readonly #write: (text: string) => void
  readonly #size: () => Size
  #shown: readonly string[] = []
  #columns = 0

  /** @param size asked anew for every frame: a person may resize the window at any time */
  constructor(write: (text: string) => void, size: () => Size) {
    this.#write = write
    this.#size = size
  }

  /** Shows these lines in place of those before; what has not changed is not written. */
  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#size()
    // The cursor stands below the last line, and what has scrolled away could not be rewritten.
    const frame = lines.slice(0, Math.max(1, rows - 1))
    if (columns === this.#columns && frame.length === this.#shown.length) {
      const old = this.#shown
      if (frame.every((line, at) => line === old[at])) return
      const changes = frame.map((line, at) => (line === old[at] ? '\n' : `\r${line}${CLEAR_TO_END_OF_LINE}\n`))
      this.#write(`${up(frame.length)}${changes.join('')}\r${CLEAR_BELOW}`)
    } else this.#write(`${this.#erasing(columns)}${frame.map((line) => `${line}\n`).join('')}`)
    this.#shown = frame
    this.#columns = columns
  }

  /** Writes text that stays, above the lines. */
  above(text: string): void {
    const shown = this.#shown
    this.#write(`${this.#erasing(this.#size().columns)}${text}`)
    this.#shown = []
    this.draw(shown)
  }

  /** Takes the lines away. */
  clear(): void {
    const text = this.#erasing(this.#size().columns)
    if (text !== '') this.#write(text)
    this.#shown = []
  }

  /** A terminal that has become narrower has wrapped the lines: they take more of its rows than we wrote. */
  #erasing(columns: number): string {
    if (this.#shown.length === 0) return ''
    const taken = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0)
    return `${up(taken)}\r${CLEAR_BELOW}`
  }
}

function up(lines: number): string {
  return `\u001b[${lines}A`
}
