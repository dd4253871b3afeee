import { describe, expect, it } from 'vitest'
import { module } from '../../src/source/module.ts'
import { contextFor, fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

const path = 'rows.mjs'

describe('module', () => {
  it.each([
    ['a list', 'export default [{ a: 1 }, { a: "é" }]'],
    ['a generator', 'export default function* () { yield { a: 1 }; yield { a: "é" } }'],
    ['an async generator', 'export default async function* () { yield { a: 1 }; yield { a: "é" } }'],
    ['a function that promises a list', 'export default async () => [{ a: 1 }, { a: "é" }]'],
    [
      'an object that is reused',
      'export default function* () { const row = { a: 1 }; yield row; row.a = "é"; yield row }',
    ],
  ])('takes %s', async (_, text) => {
    const root = await folderWith({ [path]: text })
    expect(await readAll(module, { module: path }, root)).toEqual([
      { fields: { a: 1 }, place: { file: path } },
      { fields: { a: 'é' }, place: { file: path } },
    ])
  })

  it('takes another export, and tells it the root', async () => {
    const root = await folderWith({
      [path]: 'export const other = ({ root, signal }) => [{ root, aborted: signal.aborted }]',
    })
    expect(await fieldsOf(module, { module: path, export: 'other' }, root)).toEqual([{ root, aborted: false }])
  })

  it('leaves out what is undefined', async () => {
    const root = await folderWith({ [path]: 'export default [{ a: undefined, b: null }]' })
    expect(await fieldsOf(module, { module: path }, root)).toEqual([{ b: null }])
  })

  it('a generator is closed when its reader stops early', async () => {
    const root = await folderWith({
      [path]:
        'export const state = { closed: false }\nexport default function* () { try { for (;;) yield { a: 1 } } finally { state.closed = true } }',
    })
    for await (const _ of module.rows({ module: path }, contextFor(root))) break
    const { state } = (await import(`${root}/${path}`)) as { state: { closed: boolean } }
    expect(state.closed).toBe(true)
  })

  it('stops with its signal, even while the module hangs', async () => {
    const root = await folderWith({
      [path]: 'export default async function* () { await new Promise(() => {}); yield {} }',
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('stopped')), 50)
    await expect(async () => {
      for await (const _ of module.rows({ module: path }, contextFor(root, stop.signal))) expect.unreachable()
    }).rejects.toThrow('stopped')
  })
})

describe('a module that is wrong', () => {
  it.each([
    [
      'no such export',
      'export const tickets = []',
      { export: 'ticket' },
      'rows.mjs exports nothing named "ticket".',
      'Did you mean "tickets"?',
    ],
    [
      'no default export',
      'export const tickets = []',
      {},
      'rows.mjs exports nothing named "default".',
      'It exports "tickets".',
    ],
    ['no export at all', '', {}, 'rows.mjs exports nothing named "default".', 'It exports nothing at all.'],
    [
      'no iterable',
      'export default { a: 1 }',
      {},
      'rows.mjs gives an object; it has to give an iterable of objects.',
      'Export a list',
    ],
    [
      'a function that gives nothing',
      'export default () => {}',
      {},
      'rows.mjs gives missing; it has to give an iterable of objects.',
      'Export a list',
    ],
    [
      'a row that is no object',
      'export default [{}, "x"]',
      {},
      'Row 2 is "x"; every row has to be an object.',
      'Correct',
    ],
    [
      'a date',
      'export default [{ at: new Date(0) }]',
      {},
      'The field "at" of row 1 is a Date; give plain objects',
      'Correct',
    ],
    [
      'a function',
      'export default [{ a: { b: [() => 1] } }]',
      {},
      'The field "a.b.0" of row 1 is a function.',
      'Correct',
    ],
    [
      'a BigInt',
      'export default [{ a: 1n }]',
      {},
      'The field "a" of row 1 is a BigInt; use a number or a text.',
      'Correct',
    ],
    [
      'no number',
      'export default [{ a: 0 / 0 }]',
      {},
      'The field "a" of row 1 is NaN, which JSON does not have; use null or a text.',
      'Correct',
    ],
    [
      'a row that contains itself',
      'const row = {}\nrow.row = row\nexport default [row]',
      {},
      'is nested too deep, or contains itself.',
      'Correct',
    ],
  ])('%s', async (_, text, options, message, hint) => {
    const root = await folderWith({ [path]: text })
    const problems = await problemsOf(module, { module: path, ...options }, root)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(message)
    expect(problems[0]?.hint).toContain(hint)
  })

  it('an error of its own is shown with its line', async () => {
    const root = await folderWith({
      [path]: 'export default function* () {\n  yield {}\n  throw new Error("no connection")\n}',
      'load.mjs': 'const a = 1\nthrow new Error("at once")',
      'call.mjs': '\n\nexport default () => { throw new Error("on the call") }',
    })
    expect(await problemsOf(module, { module: path }, root)).toMatchObject([
      { message: 'rows.mjs failed after 1 row: Error: no connection.', file: path, line: 3 },
    ])
    expect(await problemsOf(module, { module: 'load.mjs' }, root)).toMatchObject([
      { message: 'load.mjs cannot be loaded: Error: at once.', file: 'load.mjs', line: 2 },
    ])
    expect(await problemsOf(module, { module: 'call.mjs' }, root)).toMatchObject([
      { message: 'call.mjs failed: Error: on the call.', line: 3 },
    ])
  })

  it('a file that is not there, or outside the root', async () => {
    const root = await folderWith({ [path]: '' })
    expect(await problemsOf(module, { module: 'row.mjs' }, root)).toMatchObject([
      { message: 'row.mjs does not exist.', hint: 'Did you mean rows.mjs?' },
    ])
    expect((await problemsOf(module, { module: '../x.mjs' }, root))[0]?.message).toContain('outside the project root')
  })
})
