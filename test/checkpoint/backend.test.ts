import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withoutPassword } from '../../src/checkpoint/backend.ts'
import { openCheckpointStore } from '../../src/checkpoint/keyv.ts'
import { UserError } from '../../src/core/errors.ts'
import { freePort } from '../support/servers.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bw-backend-'))
})
afterEach(() => {
  chmodSync(root, 0o755)
  rmSync(root, { recursive: true, force: true })
})

const open = (url: string) =>
  openCheckpointStore(url, { root, processInfo: { pid: process.pid, hostname: 'here' }, now: Date.now })

describe('a store’s URL', () => {
  it.each([
    ['redis://user:secret@host:6379/2', 'redis://user@host:6379/2'],
    ['rediss://:secret@host', 'rediss://host'],
    ['postgres://tom:s%40cret@db.example:5432/jobs?password=secret', 'postgres://tom@db.example:5432/jobs'],
    ['postgres://tom:se/cret@host/jobs', 'postgres:…'],
    ['postgres://tom:1/secret@host/jobs', 'postgres:…'],
    ['redis://user:se?cret@host', 'redis:…'],
    ['sqlite:.batchwright/state.db', 'sqlite:.batchwright/state.db'],
  ])('%s is shown as %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown)
  })

  it.each(['mysql://root:secret@host/db', 'state.db', '', 'file:state.db'])(
    'such as %j is refused with what is allowed',
    async (url) => {
      const error = (await open(url).catch((error: unknown) => error)) as UserError
      expect(error).toBeInstanceOf(UserError)
      expect(error.message).toMatch(/is no store\. Allowed are sqlite:PATH, memory:, redis:.*postgres:/)
      expect(error.message).not.toContain('secret')
    },
  )

  it('that names no file is refused', async () => {
    await expect(open('sqlite:')).rejects.toThrow('names no file')
  })

  it('may be relative to the root or absolute', async () => {
    for (const url of ['sqlite:a/b.db', `sqlite:${join(root, 'a/b.db')}`, 'sqlite://a/b.db']) {
      const store = await open(url)
      await store.write('latest/job', 'run')
      await store.close()
    }
    const store = await open('sqlite:a/b.db')
    expect(await store.read('latest/job')).toBe('run')
    expect(store.url).toBe('sqlite:a/b.db')
    await store.close()
  })
})

describe('a store that cannot be opened', () => {
  it.each([
    ['redis', 'user:secret', ''],
    ['postgres', 'tom:secret', '/jobs'],
  ])('at a %s server that is not there says so at once, without the password', async (scheme, login, path) => {
    const port = await freePort()
    const error = (await open(`${scheme}://${login}@127.0.0.1:${port}${path}`).catch(
      (error: unknown) => error,
    )) as Error
    const [user] = login.split(':')
    expect(error.message).toMatch(/ cannot be (reached|used): .*ECONNREFUSED/)
    expect(error.message).toContain(`The store ${scheme}://${user}@127.0.0.1:${port}`)
    expect(JSON.stringify([error.message, error.stack])).not.toContain('secret')
  })

  it('names the file that is no database', async () => {
    writeFileSync(
      join(root, 'state.db'),
      'no database, but long enough to be taken for one at first sight\n'.repeat(50),
    )
    await expect(open('sqlite:state.db')).rejects.toThrow(/state\.db cannot be opened: .*not a database/)
  })
})
