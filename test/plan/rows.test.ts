import { describe, expect, it } from 'vitest'
import { type Problem, UserError } from '../../src/core/errors.ts'
import type { DatasetSpec, TemplateText } from '../../src/core/job.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Row, SourceRow } from '../../src/core/row.ts'
import { selectRows } from '../../src/plan/rows.ts'

type RenderKey = (fields: JsonObject) => string
type Selection = Partial<Omit<DatasetSpec, 'type' | 'options'>>

function numbered(count: number): SourceRow[] {
  return Array.from({ length: count }, (_, index) => ({
    fields: { n: index + 1, name: `row ${index + 1}` },
    place: { file: 'a.csv', line: index + 2 },
  }))
}

async function* selected(
  source: Iterable<SourceRow>,
  spec: Selection = {},
  renderKey?: RenderKey,
): AsyncGenerator<Row> {
  async function* blocks(): AsyncGenerator<Iterable<SourceRow>> {
    for (const row of source) yield [row]
  }
  const keys = renderKey && { render: renderKey }
  for await (const block of selectRows(blocks(), { type: 'csv', options: {}, ...spec }, keys)) {
    for (const { ordinal, key, fields, place } of block) yield { ordinal, key, fields, ...(place && { place }) }
  }
}

async function all(source: Iterable<SourceRow>, spec: Selection = {}, renderKey?: RenderKey): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of selected(source, spec, renderKey)) rows.push(row)
  return rows
}

async function numbers(source: Iterable<SourceRow>, spec: Selection): Promise<unknown[]> {
  return (await all(source, spec)).map((row) => row.fields.n)
}

async function problemOf(source: Iterable<SourceRow>, spec: Selection = {}, renderKey?: RenderKey): Promise<Problem> {
  try {
    await all(source, spec, renderKey)
  } catch (error) {
    if (error instanceof UserError && error.problems[0] !== undefined) return error.problems[0]
    throw error
  }
  throw new Error('It was accepted.')
}

function template(text: string): TemplateText {
  return { text, file: 'jobs/job.yaml', line: 1, column: 1 }
}

describe('the rows of a run', () => {
  it('have ordinals from 0, and their position as key', async () => {
    expect(await all(numbered(2))).toEqual([
      { ordinal: 0, key: '1', fields: { n: 1, name: 'row 1' }, place: { file: 'a.csv', line: 2 } },
      { ordinal: 1, key: '2', fields: { n: 2, name: 'row 2' }, place: { file: 'a.csv', line: 3 } },
    ])
  })

  it('have the key that the source suggests, unless the job has one', async () => {
    const source = [{ fields: { id: 7 }, key: 'docs/a.pdf' }]
    expect(await all(source)).toEqual([{ ordinal: 0, key: 'docs/a.pdf', fields: { id: 7 } }])
    expect(await all(source, {}, (fields) => `id-${fields.id}`)).toEqual([
      { ordinal: 0, key: 'id-7', fields: { id: 7 } },
    ])
  })

  it('keep their position as key when a filter takes others away', async () => {
    const rows = await all(numbered(6), { where: 'n % 2 == 0' })
    expect(rows.map((row) => [row.ordinal, row.key])).toEqual([
      [0, '2'],
      [1, '4'],
      [2, '6'],
    ])
  })

  it('are filtered first, then sampled, then limited, then multiplied', async () => {
    const spec = { where: 'n > 10', sample: { size: 20, seed: 1 }, limit: 3, matrix: { size: ['s', 'l'] } }
    const rows = await all(numbered(100), spec)
    expect(rows).toHaveLength(6)
    const sampled = await numbers(numbered(100), { where: 'n > 10', sample: { size: 20, seed: 1 } })
    expect(rows.map((row) => row.fields.n)).toEqual(sampled.slice(0, 3).flatMap((n) => [n, n]))
    expect(rows.map((row) => row.ordinal)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('a limit', () => {
  it('stops reading the source', async () => {
    let read = 0
    let isClosed = false
    function* endless(): Generator<SourceRow> {
      try {
        for (;;) yield { fields: { n: ++read } }
      } finally {
        isClosed = true
      }
    }
    expect(await numbers(endless(), { limit: 3 })).toEqual([1, 2, 3])
    expect(read).toBe(3)
    expect(isClosed).toBe(true)
  })

  it('of more rows than there are takes all', async () => {
    expect(await numbers(numbered(2), { limit: 10 })).toEqual([1, 2])
  })
})

describe('a sample', () => {
  it('keeps the order of the dataset, and is the same for the same seed', async () => {
    const spec = { sample: { size: 50, seed: 7 } }
    const chosen = await numbers(numbered(1000), spec)
    expect(chosen).toHaveLength(50)
    expect(new Set(chosen).size).toBe(50)
    expect(chosen).toEqual([...chosen].sort((a, b) => Number(a) - Number(b)))
    expect(await numbers(numbered(1000), spec)).toEqual(chosen)
    expect(await numbers(numbered(1000), { sample: { size: 50, seed: 8 } })).not.toEqual(chosen)
  })

  it('of more rows than there are takes all', async () => {
    expect(await numbers(numbered(3), { sample: { size: 10, seed: 1 } })).toEqual([1, 2, 3])
  })

  it('gives every row about the same chance', async () => {
    const counts = new Array<number>(20).fill(0)
    for (let seed = 0; seed < 2000; seed++)
      for (const n of await numbers(numbered(20), { sample: { size: 5, seed } })) {
        const index = Number(n) - 1
        counts[index] = (counts[index] ?? 0) + 1
      }
    // 500 each, with a standard deviation of about 19.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100)
  })
})

describe('a matrix', () => {
  const matrix = { language: ['English', 'French'], tone: [{ name: 'dry' }, null] }

  it('makes a row of each combination, the last name varying fastest', async () => {
    const rows = await all(numbered(1), { matrix })
    expect(rows.map((row) => [row.ordinal, row.key, row.fields.language, row.fields.tone])).toEqual([
      [0, '1-English-tone1', 'English', { name: 'dry' }],
      [1, '1-English-null', 'English', null],
      [2, '1-French-tone1', 'French', { name: 'dry' }],
      [3, '1-French-null', 'French', null],
    ])
  })

  it('adds to the key only what the key does not mention', async () => {
    const render: RenderKey = (fields) => `${fields.language}/${fields.n}`
    const rows = await all(numbered(1), { matrix, key: template('{{language}}/{{n}}') }, render)
    expect(rows.map((row) => row.key)).toEqual(['English/1-tone1', 'English/1-null', 'French/1-tone1', 'French/1-null'])
    const both = await all(
      numbered(1),
      { matrix: { n2: [1, 2] }, key: template('{{n}}-{{upper n2}}') },
      (fields) => `${fields.n}-${fields.n2}`,
    )
    expect(both.map((row) => row.key)).toEqual(['1-1', '1-2'])
  })

  it('never replaces a field of the row', async () => {
    expect(await problemOf(numbered(1), { matrix: { name: ['x'] } })).toMatchObject({
      message: 'The matrix name "name" is also a field of the row.',
      path: '/dataset/matrix/name',
      file: 'a.csv',
      line: 2,
    })
  })
})

describe('a row that is refused, with its place', () => {
  it('an empty key', async () => {
    expect(await problemOf(numbered(3), {}, (fields) => (fields.n === 2 ? ' ' : 'x'))).toMatchObject({
      message: 'The key of this row is empty.',
      path: '/dataset/key',
      file: 'a.csv',
      line: 3,
    })
  })

  it('a key that is a text and no name', async () => {
    expect((await problemOf(numbered(1), {}, () => 'x'.repeat(2000))).message).toContain(
      'The key of this row has 2,000 characters; 1,024 are allowed.',
    )
  })

  it('a condition that cannot be evaluated', async () => {
    const problem = await problemOf([...numbered(1), { fields: { m: 1 }, place: { file: 'b.csv', line: 9 } }], {
      where: 'n > 0',
    })
    expect(problem).toMatchObject({ file: 'b.csv', line: 9 })
    expect(problem.message).toContain('it has no field "n"')
  })

  it('a condition that is not CEL, before any row is read', async () => {
    function* never(): Generator<SourceRow> {
      yield expect.unreachable()
    }
    expect((await problemOf(never(), { where: 'n >' })).message).toContain('is not CEL')
  })

  it.each([
    ['__proto__ at the top', '{"__proto__": {"a": 1}}', 'a field named "__proto__"'],
    ['__proto__ deep inside', '{"a": [{"b": {"__proto__": 1}}]}', 'a field named "__proto__"'],
    ['endless nesting', `{"a": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'nested more than 200 levels deep'],
  ])('%s', async (_, text, message) => {
    const problem = await problemOf([{ fields: JSON.parse(text) as JsonObject, place: { file: 'a.jsonl', line: 5 } }])
    expect(problem.message).toContain(message)
    expect(problem).toMatchObject({ file: 'a.jsonl', line: 5 })
  })
})
