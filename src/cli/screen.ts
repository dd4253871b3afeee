// Lines that stay in place at the bottom of a terminal and are rewritten where they change.

export interface Size {
  readonly columns: number
  readonly rows: number
}

const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const CLEAR_ALL = '\u001b[H\u001b[2J'
/** Lines said above that are remembered: as many as a tall window shows. */
const REMEMBERED = 100

export class Screen {
  readonly #write: (text: string) => void
  readonly #sizeNow: () => Size
  #size: Size = { columns: 0, rows: 0 }
  #shown: readonly string[] = []
  #said: readonly string[] = []

  /** @param sizeNow asked anew for every frame: a person may resize the window at any time */
  constructor(write: (text: string) => void, sizeNow: () => Size) {
    this.#write = write
    this.#sizeNow = sizeNow
  }

  /** Shows these lines in place of those before; what has not changed is not written. */
  draw(lines: readonly string[]): void {
    const size = this.#sizeNow()
    // The cursor stands below the last line, and what has scrolled away could not be rewritten.
    const frame = lines.slice(0, Math.max(1, size.rows - 1))
    if (this.#isDisplaced(size)) this.#write(this.#afresh(size, frame))
    else if (frame.length === this.#shown.length) {
      const old = this.#shown
      if (frame.every((line, at) => line === old[at])) return
      const changes = frame.map((line, at) => (line === old[at] ? '\n' : `\r${line}${CLEAR_TO_END_OF_LINE}\n`))
      this.#write(`${up(frame.length)}${changes.join('')}\r${CLEAR_BELOW}`)
    } else this.#write(`${this.#erasing()}${joined(frame)}`)
    this.#shown = frame
    this.#size = size
  }

  /** Writes text that stays, above the lines. */
  above(text: string): void {
    this.#said = [...this.#said, ...text.replace(/\n$/, '').split('\n')].slice(-REMEMBERED)
    if (this.#isDisplaced(this.#sizeNow())) this.draw(this.#shown)
    else this.#write(`${this.#erasing()}${text}${joined(this.#shown)}`)
  }

  /** Takes the lines away. */
  clear(): void {
    const size = this.#sizeNow()
    const text = this.#isDisplaced(size) ? this.#afresh(size, []) : this.#erasing()
    if (text !== '') this.#write(text)
    this.#shown = []
  }

  /**
   * In a window of another width our lines stand wherever its terminal has put them: some wrap them, some cut them off,
   * some do so later. In a lower one the first of them may have left the window.
   */
  #isDisplaced({ columns, rows }: Size): boolean {
    return this.#shown.length > 0 && (columns !== this.#size.columns || this.#shown.length >= rows)
  }

  /** Nothing can be rewritten then: the window is filled anew with what was said last, and the lines. */
  #afresh({ rows }: Size, frame: readonly string[]): string {
    const room = Math.max(0, rows - 1 - frame.length)
    return `${CLEAR_ALL}${joined(room === 0 ? [] : this.#said.slice(-room))}${joined(frame)}`
  }

  #erasing(): string {
    return this.#shown.length === 0 ? '' : `${up(this.#shown.length)}\r${CLEAR_BELOW}`
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function up(lines: number): string {
  return `\u001b[${lines}A`
}
