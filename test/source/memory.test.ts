// Memory does not grow with the dataset: seen from outside, in a process of its own that runs the built program.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { folderWith } from './folder.ts'

const CHILD = join(import.meta.dirname, 'memory-child.mjs')
const FEW = 30_000
const MANY = 300_000

interface Measured {
  readonly count: number
  readonly letters: number
  /** MiB. */
  readonly peak: number
}

function textOf(id: number): string {
  return `review number ${id}, a text of some length with ünïcode and ${(id * 7919) % 100_003} more`
}

async function writeLines(path: string, count: number, header: string, line: (id: number) => string): Promise<void> {
  const out = createWriteStream(path)
  out.write(header)
  for (let id = 0; id < count; id += 1000) {
    const lines = Array.from({ length: 1000 }, (_, index) => line(id + index))
    if (!out.write(lines.join(''))) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

function writeParquet(path: string, count: number): void {
  const ids = Array.from({ length: count }, (_, id) => id)
  parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'id', data: ids, type: 'INT32' },
      { name: 'text', data: ids.map(textOf), type: 'STRING' },
    ],
    // All in one row group, as pandas writes them.
    rowGroupSize: count,
  })
}

async function measured(type: string, root: string, path: string): Promise<Measured> {
  const args = ['--max-old-space-size=64', CHILD, type, root, path, join(root, 'keys')]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Measured
}

describe('the memory of planning rows', () => {
  it('is measured on the built program', () => {
    expect(existsSync(join(import.meta.dirname, '../../build/plan/rows.js')), 'run `npm run build` first').toBe(true)
  })

  it.each(['csv', 'jsonl', 'parquet'])('is the same for ten times the rows: %s', async (type) => {
    const root = await folderWith()
    const results: Measured[] = []
    for (const count of [FEW, MANY]) {
      const path = join(root, `${count}.${type}`)
      if (type === 'csv') await writeLines(path, count, 'id,text\n', (id) => `${id},"${textOf(id)}"\n`)
      else if (type === 'jsonl') await writeLines(path, count, '', (id) => `{"id":${id},"text":"${textOf(id)}"}\n`)
      else writeParquet(path, count)
      results.push(await measured(type, root, `${count}.${type}`))
    }
    const [few, many] = results
    expect(few?.count).toBe(FEW)
    expect(many?.count).toBe(MANY)
    expect(many?.letters).toBe(
      Array.from({ length: MANY }, (_, id) => textOf(id).length).reduce((sum, n) => sum + n, 0),
    )
    expect(many?.peak).toBeLessThan(250)
    // The first keys are held in memory: 4 MB, and what the collector has not looked at yet.
    expect((many?.peak ?? 0) - (few?.peak ?? 0)).toBeLessThan(80)
  })
})
