import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { outcomeOf } from '../../src/sink/contract-data.ts'
import { jsonl } from '../../src/sink/jsonl.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import { contextIn, newRoot } from './places.ts'

async function write(path: string, context: SinkContext): Promise<string> {
  await jsonl.probe({ path }, context)
  const writer = await jsonl.open({ path }, context)
  try {
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write(outcomeOf('a', 0))
    await part.commit()
    await writer.finish()
  } finally {
    await writer.abort()
  }
  return writer.location
}

describe('the path of a file sink', () => {
  test('is rendered over run and job, and shown as it was rendered', async () => {
    const root = await newRoot()
    const location = await write('./out/{{job.name}}-{{run.id}}.jsonl', contextIn(root))
    expect(location).toBe('out/job-job-20261122-071500-x7k2.jsonl')
    expect(await readdir(join(root, 'out'))).toEqual(['job-job-20261122-071500-x7k2.jsonl'])
  })

  test('may lead anywhere when it is written out', async () => {
    const [root, elsewhere] = [await newRoot(), await newRoot()]
    await write(join(elsewhere, 'rows.jsonl'), contextIn(root))
    await write('../rows-beside-the-root.jsonl', contextIn(join(elsewhere, 'root')))
    expect((await readdir(elsewhere)).sort()).toEqual(['rows-beside-the-root.jsonl', 'rows.jsonl'])
  })

  test.each(['{{job.name}}.jsonl', 'out/{{job.name}}.jsonl'])(
    '%s may not lead out of the root when it is rendered',
    async (path) => {
      const root = await newRoot()
      const context = { ...contextIn(root), renderText: () => '../escaped.jsonl' }
      await expect(write(path, context)).rejects.toThrow('"../escaped.jsonl" leads out of the folder')
    },
  )

  test('may not lead out of the root through a link when it is rendered', async () => {
    const [root, elsewhere] = [await newRoot(), await newRoot()]
    await symlink(elsewhere, join(root, 'job'))
    await expect(write('{{job.name}}/rows.jsonl', contextIn(root))).rejects.toThrow('outside the project root')
    expect(await readdir(elsewhere)).toEqual([])
  })

  test('may be rendered below a folder elsewhere that is written out', async () => {
    const [root, elsewhere] = [await newRoot(), await newRoot()]
    await write(`${elsewhere}/new/{{job.name}}.jsonl`, contextIn(root))
    expect(await readdir(elsewhere, { recursive: true })).toEqual(['new', 'new/job.jsonl'])
    const context = { ...contextIn(root), renderText: () => `${elsewhere}/rows.jsonl` }
    await expect(write(`${elsewhere}/new/{{job.name}}.jsonl`, context)).rejects.toThrow('leads out of the folder')
  })
})

describe('a place that cannot be written', () => {
  test('is said when it is a folder, or below a file', async () => {
    const root = await newRoot()
    await mkdir(join(root, 'folder'))
    await writeFile(join(root, 'file'), '')
    await expect(jsonl.probe({ path: 'folder' }, contextIn(root))).rejects.toThrow('folder is a folder')
    await expect(jsonl.probe({ path: 'file/rows.jsonl' }, contextIn(root))).rejects.toThrow('is not a folder')
    await expect(jsonl.probe({ path: 'file/deeper/rows.jsonl' }, contextIn(root))).rejects.toThrow('is not a folder')
  })

  // Root may write everywhere.
  test.skipIf(process.getuid?.() === 0)('is said when its folder may not be changed', async () => {
    const root = await newRoot()
    await mkdir(join(root, 'closed'))
    await chmod(join(root, 'closed'), 0o500)
    await expect(jsonl.probe({ path: 'closed/rows.jsonl' }, contextIn(root))).rejects.toThrow('does not allow it')
  })

  test('is said when another sink writes there, and free again afterwards', async () => {
    const context = contextIn(await newRoot())
    const writer = await jsonl.open({ path: 'rows.jsonl' }, context)
    await expect(jsonl.open({ path: './rows.jsonl' }, context)).rejects.toThrow('Two sinks write to rows.jsonl')
    await writer.abort()
    await write('rows.jsonl', context)
    expect(await readFile(join(context.root, 'rows.jsonl'), 'utf8')).toContain('"key":"a"')
  })

  test('that fails while it is written can be written again', async () => {
    const root = await newRoot()
    await write('rows.jsonl', contextIn(root))
    const before = await readFile(join(root, 'rows.jsonl'))
    const writer = await jsonl.open({ path: 'rows.jsonl' }, contextIn(root))
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write({ ...outcomeOf('b', 1), output: 'x'.repeat(2 << 20) })
    // The folder goes away under the sink's hands, as a disk might.
    await rm(root, { recursive: true })
    await expect(writer.finish()).rejects.toThrow('ENOENT')
    await writer.abort()
    await mkdir(root)
    await writeFile(join(root, 'rows.jsonl'), before)
    await write('rows.jsonl', contextIn(root))
    expect(await readdir(root)).toEqual(['rows.jsonl'])
  })
})
