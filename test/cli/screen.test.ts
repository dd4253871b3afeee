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

  for (const kind of ['wraps', 'cuts'] as const) {
    it(`leaves nothing stale in a window of another width, whose terminal ${kind} what stands there`, () => {
      const { terminal, screen } = createScreen(40)
      screen.above('stays\n')
      screen.draw(['x'.repeat(40), 'y'.repeat(30)])
      for (const columns of [20, 60, 12, 40]) {
        terminal.resize(columns, kind)
        screen.draw(['x'.repeat(columns - 1), 'y'.repeat(9)])
        expect(terminal.text()).toBe(`stays\n${'x'.repeat(columns - 1)}\nyyyyyyyyy`)
      }
      terminal.resize(20, kind)
      screen.above('stays, too\n')
      expect(terminal.text()).toBe(`stays\nstays, too\n${'x'.repeat(39)}\nyyyyyyyyy`)
      terminal.resize(30, kind)
      screen.clear()
      expect(terminal.text()).toBe('stays\nstays, too')
    })
  }

  it('begins anew in a window that has become too low for its lines', () => {
    const { terminal, screen } = createScreen(40, 10)
    screen.draw(['1', '2', '3', '4', '5'])
    terminal.rows = 4
    screen.draw(['1', '2', '3', '4', '5'])
    expect(terminal.text()).toBe('1\n2\n3')
  })

  it('never draws more lines than the terminal has', () => {
    const { terminal, screen } = createScreen(80, 4)
    screen.draw(['1', '2', '3', '4', '5', '6'])
    expect(terminal.text()).toBe('1\n2\n3')
  })
})

function createScreen(columns: number, rows = 24) {
  const terminal = new Terminal(columns, rows)
  const screen = new Screen(
    (text) => terminal.write(text),
    () => ({ columns: terminal.columns, rows: terminal.rows }),
  )
  return { terminal, screen }
}

/** As much of a terminal as a screen uses: lines, a cursor at their start, and what becomes of lines when it gets another width. */
class Terminal {
  readonly written: string[] = []
  columns: number
  rows: number
  #lines: string[] = ['']
  #row = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write(text: string): void {
    this.written.push(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    for (const [piece] of text.matchAll(/\u001b\[(\d*)([A-Z])|\n|\r|[^\u001b\n\r]+/g)) this.#take(piece)
  }

  text(): string {
    return this.#lines.join('\n').trimEnd()
  }

  resize(columns: number, kind: 'wraps' | 'cuts'): void {
    this.columns = columns
    const pieces = new RegExp(`.{1,${columns}}`, 'g')
    this.#lines = this.#lines.flatMap((line) =>
      kind === 'cuts' ? line.slice(0, columns) : (line.match(pieces) ?? ['']),
    )
    this.#row = this.#lines.length - 1
  }

  #take(piece: string): void {
    if (piece === '\n') {
      this.#row += 1
      this.#lines[this.#row] ??= ''
    } else if (piece.endsWith('A') && piece.startsWith('\u001b')) this.#row -= Number(piece.slice(2, -1))
    else if (piece === '\u001b[H') this.#row = 0
    else if (piece === '\u001b[2J') this.#lines = ['']
    else if (piece === '\u001b[J') this.#lines = [...this.#lines.slice(0, this.#row), '']
    else if (piece !== '\r' && piece !== '\u001b[K') this.#lines[this.#row] = piece
  }
}
