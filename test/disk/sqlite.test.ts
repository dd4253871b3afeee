import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../../src/disk/sqlite.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bw-sqlite-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('openSqlite', () => {
  it('creates the folders above the file and keeps what was committed', () => {
    const path = join(folder, 'a/b/state.db')
    const first = openSqlite(path)
    first.exec('CREATE TABLE t(k TEXT PRIMARY KEY, v TEXT)')
    expect(first.prepare('INSERT INTO t VALUES (?, ?)').run('a', 'ä')).toEqual({ changes: 1 })
    first.close()
    const second = openSqlite(path)
    expect(second.prepare('SELECT * FROM t').all()).toEqual([{ k: 'a', v: 'ä' }])
    expect(second.prepare('SELECT * FROM t WHERE k = ?').get('b')).toBeUndefined()
    second.close()
  })

  it('writes ahead and waits for the disk at every commit', () => {
    const database = openSqlite(join(folder, 'state.db'))
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(database.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 5000 })
    database.close()
  })

  it('undoes a whole transaction when it throws, and can go on afterwards', () => {
    const database = openSqlite(join(folder, 'state.db'))
    database.exec('CREATE TABLE t(k INTEGER PRIMARY KEY)')
    const insert = database.prepare('INSERT INTO t VALUES (?)')
    expect(() =>
      database.transaction(() => {
        insert.run(1)
        throw new Error('stop here')
      }),
    ).toThrow('stop here')
    expect(database.transaction(() => insert.run(2).changes)).toBe(1)
    expect(database.prepare('SELECT k FROM t').all()).toEqual([{ k: 2 }])
    database.close()
  })

  it('says which file is no database', () => {
    const path = join(folder, 'notes.db')
    writeFileSync(
      path,
      'these are notes and no database at all, long enough to have a header of some kind\n'.repeat(20),
    )
    expect(() => openSqlite(path)).toThrow(path)
  })

  it('prints no warning when it loads', () => {
    const module = new URL('../../build/disk/sqlite.js', import.meta.url).href
    const code = `const { openSqlite } = await import(${JSON.stringify(module)}); openSqlite(${JSON.stringify(join(folder, 'w.db'))}).close()`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
    expect(child.stderr).toBe('')
    expect(child.status).toBe(0)
  })
})
