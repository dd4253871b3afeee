// A temporary project root for a test, and how a test reads a source.

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'
import { type Problem, UserError } from '../../src/core/errors.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { SourceRow } from '../../src/core/row.ts'
import type { Source, SourceContext } from '../../src/source/source.ts'

const made: string[] = []

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A folder with these files, removed after the test. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'batchwright-source-')))
  made.push(root)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

export function contextFor(root: string, signal: AbortSignal = new AbortController().signal): SourceContext {
  return { root, signal, jobFile: 'jobs/job.yaml' }
}

export async function readAll(source: Source, options: JsonObject, root: string): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of source.rows(options, contextFor(root))) rows.push(row)
  return rows
}

export async function fieldsOf(source: Source, options: JsonObject, root: string): Promise<JsonObject[]> {
  return (await readAll(source, options, root)).map((row) => row.fields)
}

/** The problems that reading ends with; fails where it does not. */
export async function problemsOf(source: Source, options: JsonObject, root: string): Promise<readonly Problem[]> {
  return problemsFrom(async () => {
    await readAll(source, options, root)
  })
}

export async function problemsFrom(work: () => Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
  throw new Error('It was accepted.')
}
