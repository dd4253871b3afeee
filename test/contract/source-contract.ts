// The promise of src/source/source.ts as tests: every source keeps it.

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import type { SourceRow } from '../../src/core/row.ts'
import { sourceContract } from '../../src/source/contract.ts'
import type { Source } from '../../src/source/source.ts'
import { contextFor, folderWith } from '../source/folder.ts'

export interface SourceSubject {
  readonly source: Source
  /** Writes a dataset of these rows below the root and gives the options that read it. */
  write(root: string, rows: readonly JsonObject[]): Promise<JsonObject>
  /** What a row's fields become on the way; the same where it is left out. */
  expected?(fields: JsonObject, index: number): JsonObject
  /** Options that read from this path; absent: the source reads no path. */
  readonly at?: (path: string) => JsonObject
}

const LETTERS: readonly JsonObject[] = [
  { id: '1', text: 'plain' },
  { id: '2', text: 'Grüße, "日本語" 😀 👩‍👩‍👧 e\u0301 é' },
  { id: '3', text: 'two\nlines\tand a tab' },
  { id: '4', text: '\u202eright to left\u202c \u00a0 zero\u200bwidth \ufeff' },
  { id: '5', text: "{{not a template}} \\ ' $NAME" },
]

export function describeSource(name: string, subject: SourceSubject): void {
  const { source } = subject
  const many = Array.from({ length: 1000 }, (_, index) => ({ id: String(index), text: `row ${index}` }))

  async function written(rows: readonly JsonObject[]): Promise<{ root: string; options: JsonObject }> {
    const root = await folderWith()
    return { root, options: await subject.write(root, rows) }
  }

  async function read(root: string, options: JsonObject): Promise<SourceRow[]> {
    const rows: SourceRow[] = []
    for await (const row of source.rows(options, contextFor(root))) rows.push(row)
    return rows
  }

  function expected(rows: readonly JsonObject[]): JsonObject[] {
    return rows.map((fields, index) => subject.expected?.(fields, index) ?? fields)
  }

  describe(`the ${name} source`, () => {
    it('gives back every letter', async () => {
      const { root, options } = await written(LETTERS)
      expect((await read(root, options)).map((row) => row.fields)).toEqual(expected(LETTERS))
    })

    for (const { name: promise, run } of sourceContract({ source, place: () => written(many) })) it(promise, run)

    it('declares itself: a word, a sentence, options that are described and have examples', async () => {
      expect(source.type).toBe(name)
      expect(source.about).toMatch(/^[A-Z].*\.$/s)
      const { type, additionalProperties, properties, required } = source.options
      expect([type, additionalProperties]).toEqual(['object', false])
      for (const option of Object.values(properties as Readonly<Record<string, JsonObject>>)) {
        expect(option.description).toMatch(/^[A-Z].*\.$/s)
        expect((option.examples as Json[]).length).toBeGreaterThan(0)
      }
      const { options } = await written(LETTERS)
      const compiled = compileSchema(source.options)
      expect(compiled.validate(options)).toEqual([])
      expect(source.check?.(options) ?? []).toEqual([])
      for (const missing of required as readonly string[]) {
        const { [missing]: _, ...rest } = options
        expect(compiled.validate(rest)).not.toEqual([])
      }
      expect(compiled.validate({ ...options, nope: 1 })).not.toEqual([])
      for (const ending of source.extensions ?? []) expect(ending).toMatch(/^\.[a-z]+$/)
    })

    const { at } = subject
    if (at === undefined) return

    it('refuses a link that leads out of the root', async () => {
      const outside = await folderWith({ 'outside.csv': 'a\n1\n' })
      const { root } = await written(LETTERS)
      await symlink(join(outside, 'outside.csv'), join(root, 'link.csv'))
      const problem = await firstProblem(() => read(root, at('link.csv')))
      expect(problem).toMatch(/outside the project root/)
    })

    it('says that a path does not exist', async () => {
      const { root } = await written(LETTERS)
      expect(await firstProblem(() => read(root, at('nothing.csv')))).toMatch(/nothing\.csv does not exist\./)
    })
  })
}

async function firstProblem(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
  } catch (error) {
    if (error instanceof UserError) return error.problems[0]?.message
    throw error
  }
  return undefined
}
