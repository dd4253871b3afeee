import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import { sinkPaths } from '../../src/job/rules-data.ts'

function messages(...sinks: readonly Json[]): string[] {
  return sinkPaths({ dataset: { type: 'csv', path: 'a.csv' }, sinks: [...sinks] }).map(({ message }) => message)
}

const sqlite = (path: string, table?: string): Json => ({ type: 'sqlite', path, ...(table ? { table } : {}) })

describe('two sinks', () => {
  it('may share a database, each with a table of its own', () => {
    expect(messages(sqlite('out/a.db', 'good'), sqlite('out/a.db', 'bad'), sqlite('out/a.db'))).toEqual([])
    const postgres = { type: 'postgres', url_env: 'URL' }
    expect(messages({ ...postgres, table: 'good' }, { ...postgres, table: 'good', schema: 'llm' }, postgres)).toEqual(
      [],
    )
  })

  it('may not share a table, however it is written', () => {
    expect(messages(sqlite('out/a.db'), sqlite('./out/a.db', 'Outcomes'))).toEqual([
      'sinks[1] would overwrite the table "outcomes", which sinks[0] writes.',
    ])
    const postgres = { type: 'postgres', url: 'postgres://user:secret@host/db', table: 'rows' }
    expect(messages(postgres, { type: 'stdout' }, { ...postgres, select: 'all' })).toEqual([
      'sinks[2] would overwrite the table "rows", which sinks[0] writes.',
    ])
  })

  it('may not share a file, nor take the dataset', () => {
    const jsonl = { type: 'jsonl', path: 'out/a.db' }
    expect(messages(sqlite('out/a.db', 'good'), jsonl, { type: 'csv', path: './a.csv' })).toEqual([
      'sinks[1] would overwrite "out/a.db", which sinks[0] writes.',
      'sinks[2] would overwrite "./a.csv", from which the rows come.',
    ])
  })
})
