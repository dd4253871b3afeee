import { describe, expect, test } from 'vitest'
import { formatProblems } from '../../src/cli/problems.ts'
import type { Problem } from '../../src/core/errors.ts'

const plain = { color: false, cwd: '/work' }
const typo: Problem = {
  file: 'jobs/a.yaml',
  line: 12,
  column: 3,
  length: 5,
  path: '/modle',
  message: 'Unknown field "modle".',
  hint: 'Did you mean "model"?',
  excerpt: '  modle: x',
}

describe('pretty', () => {
  test('place first, the line with carets, the hint last, and how many', () => {
    expect(formatProblems([typo, { message: 'No such run.', file: 'b' }], 'pretty', plain)).toBe(
      [
        'jobs/a.yaml:12:3  Unknown field "modle".',
        '  12 |   modle: x',
        '     |   ^^^^^',
        '  Did you mean "model"?',
        '',
        'b  No such run.',
        '',
        '2 problems. Nothing was planned and nothing was sent.',
        '',
      ].join('\n'),
    )
  })

  test('a problem of no file is a sentence and its hint', () => {
    expect(formatProblems([{ message: 'There is no run.', hint: 'Start one.' }], 'pretty', plain)).toBe(
      'There is no run.\n  Start one.\n',
    )
    expect(formatProblems([], 'pretty', plain)).toBe('')
  })

  test('warnings say so, and that nothing stops is not said', () => {
    expect(
      formatProblems([{ message: 'No sinks.', file: 'a', line: 1 }], 'pretty', { ...plain, isWarning: true }),
    ).toBe('a:1  warning  No sinks.\n')
  })

  test('colours only where they are wanted', () => {
    const text = formatProblems([typo], 'pretty', { ...plain, color: true })
    expect(text).toContain('\u001b[1mjobs/a.yaml:12:3\u001b[0m')
    expect(text).toContain('\u001b[31m  ^^^^^\u001b[0m')
  })

  test('sentences are broken between words on a terminal, and commands stay in one piece', () => {
    const words = 'The environment variable is not set, so nothing can be sent to the provider.'
    const hint = 'Name another variable, or leave it out and take the one that there is.'
    const text = formatProblems([{ message: words, file: 'a.yaml', line: 3, hint }], 'pretty', {
      ...plain,
      columns: 40,
    })
    expect(text.split('\n').slice(0, 5)).toEqual([
      'a.yaml:3  The environment variable is',
      'not set, so nothing can be sent to the',
      'provider.',
      '  Name another variable, or leave it out',
      '  and take the one that there is.',
    ])
    const command = 'Go on with: batchwright resume summarize-pdfs-20261122-071500-x7k2'
    expect(formatProblems([{ message: 'x', hint: command }], 'pretty', { ...plain, columns: 40 })).toContain(command)
  })

  test('carets stand under the right columns behind tabs, wide and combining characters', () => {
    const excerpt = '\t日本e\u0301: bad'
    const text = formatProblems([{ message: 'X.', file: 'a', line: 1, column: 8, length: 3, excerpt }], 'pretty', plain)
    expect(text.split('\n').slice(1, 3)).toEqual(['  1 |  日本e\u0301: bad', '    |         ^^^'])
  })

  test('a long line is cut around the place', () => {
    const excerpt = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`
    const [, line = '', carets = ''] = formatProblems(
      [{ message: 'X.', file: 'a', line: 1, column: 501, length: 4, excerpt }],
      'pretty',
      plain,
    ).split('\n')
    expect(line.length).toBeLessThan(120)
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE')
  })

  test('a column behind the end of the line, and a length beyond it, are harmless', () => {
    const text = formatProblems(
      [{ message: 'X.', file: 'a', line: 1, column: 99, length: 99, excerpt: 'ab' }],
      'pretty',
      plain,
    )
    expect(text).toContain('\n    |   ^\n')
  })

  test('absolute paths below the working folder are shortened', () => {
    expect(formatProblems([{ message: 'X.', file: '/work/a.yaml' }], 'pretty', plain)).toMatch(/^a\.yaml {2}X\./)
    expect(formatProblems([{ message: 'X.', file: '/workshop/a.yaml' }], 'pretty', plain)).toMatch(
      /^\/workshop\/a\.yaml/,
    )
  })
})

describe('what somebody else wrote is harmless', () => {
  const nasty: Problem = {
    file: 'a\u001b]0;title\u0007.yaml',
    line: 1,
    column: 1,
    message: 'Unknown "\u001b[31m\u202Ered\u009b2J\r\n::error::fake".',
    hint: 'A key sk-ant-api03-AbCdEfGhIjKlMnOp here.',
    excerpt: 'key: sk-ant-api03-AbCdEfGhIjKlMnOp \u0000',
  }
  test.each(['pretty', 'json', 'github'] as const)('%s', (format) => {
    const text = formatProblems([nasty], format, plain)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).not.toContain('AbCdEfGh')
    expect(text).not.toMatch(/^::error::fake/m)
  })
})

describe('json', () => {
  test('is one document with every field, absent ones null', () => {
    expect(JSON.parse(formatProblems([typo, { message: 'X.' }], 'json', plain))).toEqual({
      valid: false,
      errors: [
        {
          file: 'jobs/a.yaml',
          line: 12,
          column: 3,
          path: '/modle',
          message: 'Unknown field "modle".',
          hint: 'Did you mean "model"?',
        },
        { file: null, line: null, column: null, path: null, message: 'X.', hint: null },
      ],
    })
  })

  test('of nothing says that all is valid', () => {
    expect(JSON.parse(formatProblems([], 'json', plain))).toEqual({ valid: true, errors: [] })
  })
})

describe('github', () => {
  test('escapes what has a meaning in a workflow command', () => {
    const text = formatProblems(
      [{ file: 'a,b:c.yaml', line: 1, column: 2, message: '100% wrong: a, b.', hint: 'Mend it.' }, { message: 'X.' }],
      'github',
      plain,
    )
    expect(text).toBe('::error file=a%2Cb%3Ac.yaml,line=1,col=2::100%25 wrong: a, b.%0AMend it.\n::error::X.\n')
  })

  test('warnings are warnings', () => {
    expect(formatProblems([{ message: 'X.' }], 'github', { ...plain, isWarning: true })).toBe('::warning::X.\n')
  })
})
