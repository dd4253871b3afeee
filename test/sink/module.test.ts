import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import { defineSink } from '../../src/sink/define.ts'
import { module } from '../../src/sink/module.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn, exists, folderPlace, newRoot } from './places.ts'

/** A user's file: a sink that shows everything at finish. */
const FILE = `
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const list = {
  about: 'A list of what was answered.',
  options: {
    type: 'object',
    required: ['file'],
    additionalProperties: false,
    properties: { file: { type: 'string' } },
  },
  async probe() {},
  check: ({ file }) => (file.endsWith('.list') ? [] : [{ message: 'Let the file end in .list.', path: '/file' }]),
  async open({ file }, { root }) {
    const parts = new Map()
    const path = join(root, file)
    return {
      location: file,
      async openPart({ index }) {
        const rows = []
        return {
          write: ({ key, output }) => void rows.push({ key, output }),
          commit: async () => void parts.set(index, rows),
          abort: async () => {},
        }
      },
      async finish() {
        await writeFile(path + '.tmp', JSON.stringify([...parts.values()].flat()))
        await rename(path + '.tmp', path)
      },
      async abort() {
        await rm(path + '.tmp', { force: true })
      },
    }
  },
}
export const nothing = 1
`

async function rootWithSink(): Promise<string> {
  const root = await newRoot()
  await writeFile(join(root, 'mine.mjs'), FILE)
  return root
}

describeSink('module', {
  sink: module,
  expect: ({ key, output }) => ({ key, output }),
  place: async () =>
    folderPlace(
      await rootWithSink(),
      { module: 'mine.mjs', export: 'list', options: { file: 'rows.list' } },
      async (root) =>
        (await exists(join(root, 'rows.list')))
          ? (JSON.parse(await readFile(join(root, 'rows.list'), 'utf8')) as Json[])
          : undefined,
    ),
})

describe('a sink of the user’s own', () => {
  const probe = async (options: Record<string, Json>): Promise<void> =>
    module.probe({ module: 'mine.mjs', ...options }, contextIn(await rootWithSink()))

  test('has its options checked against its own schema and by its own check', async () => {
    await expect(probe({ export: 'list', options: { path: 'x' } })).rejects.toMatchObject({
      problems: [{ message: '"file" is missing.', path: '/options' }, { path: '/options/path' }],
    })
    await expect(probe({ export: 'list', options: { file: 'x' } })).rejects.toMatchObject({
      problems: [{ message: 'Let the file end in .list.', path: '/options/file' }],
    })
  })

  test('is named by its export, and the file says which there are', async () => {
    await expect(probe({})).rejects.toThrow('mine.mjs exports no sink called "default"; it exports list, nothing.')
    await expect(probe({ export: 'nothing' })).rejects.toThrow('exports no sink called "nothing"')
  })

  test('is a file that can be loaded', async () => {
    await expect(probe({ module: 'missing.mjs' })).rejects.toThrow('The sink missing.mjs cannot be loaded')
  })

  test('needs no more than open when defineSink makes it', async () => {
    const sink = defineSink<{ channel: string }>({ open: (options) => Promise.reject(new Error(options.channel)) })
    expect(sink).toMatchObject({ type: 'module', delivery: 'parts', options: { type: 'object' } })
    expect(sink.check?.({})).toEqual([])
    await sink.probe({}, contextIn('/'))
    await expect(sink.open({ channel: '#x' }, contextIn('/'))).rejects.toThrow('#x')
  })
})
