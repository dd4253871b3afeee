import { describe, expect, it } from 'vitest'
import { exportTarget } from '../../src/app/export-target.ts'
import { catalog } from '../../src/catalog.ts'
import { UserError } from '../../src/core/errors.ts'

const places = { cwd: '/project', root: '/project' }

function sinkOf(target: string, at = places) {
  const { type, options } = exportTarget(target, 'all', catalog.sinks, at)
  return [type, options]
}

function problemOf(target: string): string {
  try {
    sinkOf(target)
  } catch (error) {
    if (error instanceof UserError) return error.problems.map(({ message, hint }) => `${message} ${hint}`).join(' ')
    throw error
  }
  throw new Error(`${target} was taken`)
}

describe('the target of an export', () => {
  it.each([
    ['-', 'stdout', {}],
    ['out/a.jsonl', 'jsonl', { path: 'out/a.jsonl' }],
    ['out/a.CSV.gz', 'csv', { path: 'out/a.CSV.gz' }],
    ['a.tsv', 'tsv', { path: 'a.tsv' }],
    ['a#1.json', 'json', { path: 'a#1.json' }],
    ['a.parquet', 'parquet', { path: 'a.parquet' }],
    ['pages/{{key}}.md', 'files', { path: 'pages/{{key}}.md' }],
    ['a.db', 'sqlite', { path: 'a.db' }],
    ['a.sqlite3#failed rows', 'sqlite', { path: 'a.sqlite3', table: 'failed rows' }],
    ['postgres://host/db', 'postgres', { url: 'postgres://host/db' }],
    [
      'postgresql://u:p@host/db?sslmode=require#t',
      'postgres',
      { url: 'postgresql://u:p@host/db?sslmode=require', table: 't' },
    ],
    ['https://host/hook#part', 'webhook', { url: 'https://host/hook#part' }],
    ['http://127.0.0.1:9/', 'webhook', { url: 'http://127.0.0.1:9/' }],
  ])('%s is written by the %s sink', (target, type, options) => {
    expect(sinkOf(target)).toEqual([type, options])
  })

  it('is a path from where a person stands', () => {
    const below = { cwd: '/project/deep', root: '/project' }
    expect(sinkOf('../a.csv', below)).toEqual(['csv', { path: '/project/a.csv' }])
    expect(sinkOf('/tmp/a.db#t', below)).toEqual(['sqlite', { path: '/tmp/a.db', table: 't' }])
  })

  it('is refused in words where no sink writes it, or not so', () => {
    expect(problemOf('a.xlsx')).toMatch(/"a\.xlsx" does not say what to write.*\.jsonl .*\.parquet/)
    expect(problemOf('a.csv#t')).toContain('does not say what to write')
    expect(problemOf('page.md')).toContain('is the same for every row')
    expect(problemOf('http://example.com/hook')).toContain('over http')
    expect(problemOf('a.db.gz')).toContain('cannot be compressed')
    expect(problemOf(`postgres://host/db#${'t'.repeat(64)}`)).toContain('63 bytes')
  })
})
