import { describe, expect, it } from 'vitest'
import { Screen } from '../../src/cli/screen.ts'

describe('a screen', () => {
  it('shows the lines in place of those before, and writes only what has changed', () => {
    const { terminal, screen } = createScreen(80)
    screen.draw(['one', 'two', 'three'])
    screen.draw(['one', 'zwei', 'three'])
    expect(terminal.text()).toBe('one\nzwei\nthree')
    expect(terminal.written.at(-1)).not.toContain('three')
  })

  it('writes nothing where nothing has changed', () => {
    const { terminal, screen } = createScreen(80)
    screen.draw(['one'])
    screen.draw(['one'])
    expect(terminal.written).toHaveLength(1)
  })

  it('leaves nothing behind when there are fewer lines, or none', () => {
    const { terminal, screen } = createScreen(80)
    screen.draw(['one', 'two', 'three'])
    screen.draw(['one'])
    expect(terminal.text()).toBe('one')
    screen.clear()
    expect(terminal.text()).toBe('')
  })

  it('keeps what is said above the lines', () => {
    const { terminal, screen } = createScreen(80)
    screen.draw(['view'])
    screen.above('a note\n')
    screen.draw(['view 2'])
    screen.above('another\n')
    screen.clear()
    expect(terminal.text()).toBe('a note\nanother')
  })

  it('takes away what a narrower terminal has wrapped', () => {
    const { terminal, screen } = createScreen(40)
    screen.above('stays\n')
    screen.draw(['x'.repeat(40), 'y'.repeat(30)])
    terminal.resize(20)
    screen.draw(['x'.repeat(19), 'y'.repeat(19)])
    expect(terminal.text()).toBe(`stays\n${'x'.repeat(19)}\n${'y'.repeat(19)}`)
  })

  it('never draws more lines than the terminal has', () => {
    const { terminal, screen } = createScreen(80, 4)
    screen.draw(['1', '2', '3', '4', '5', '6'])
    expect(terminal.text()).toBe('1\n2\n3')
  })
})

function createScreen(columns: number, rows = 24) {
  const terminal = new Terminal(columns)
  const screen = new Screen(
    (text) => terminal.write(text),
    () => ({ columns: terminal.columns, rows }),
  )
  return { terminal, screen }
}

/** As much of a terminal as a screen uses: lines, a cursor at their start, and wrapping when it becomes narrower. */
class Terminal {
  readonly written: string[] = []
  columns: number
  #lines: string[] = ['']
  #row = 0

  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    this.written.push(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    for (const [piece] of text.matchAll(/\u001b\[(\d*)([A-Z])|\n|\r|[^\u001b\n\r]+/g)) this.#take(piece)
  }

  text(): string {
    return this.#lines.join('\n').trimEnd()
  }

  resize(columns: number): void {
    this.columns = columns
    this.#lines = this.#lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    this.#row = this.#lines.length - 1
  }

  #take(piece: string): void {
    if (piece === '\n') {
      this.#row += 1
      this.#lines[this.#row] ??= ''
    } else if (piece.endsWith('A') && piece.startsWith('\u001b')) this.#row -= Number(piece.slice(2, -1))
    else if (piece === '\u001b[J') this.#lines = [...this.#lines.slice(0, this.#row), '']
    else if (piece !== '\r' && piece !== '\u001b[K') this.#lines[this.#row] = piece
  }
}
