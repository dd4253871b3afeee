import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openSqlite } from '../../src/disk/sqlite.ts'
import { startPostgres, startRedis, type TestServer, whyNoPostgres, whyNoRedis } from '../support/servers.ts'
import { type ContractSubject, describeCheckpointStore } from './checkpoint-contract.ts'

describeCheckpointStore('sqlite:', {
  url: () => 'sqlite:.batchwright/state.db',
  outlivesProcess: true,
  async damage(root, key, text) {
    const database = openSqlite(join(root, '.batchwright/state.db'))
    database.prepare('UPDATE checkpoint SET value = ? WHERE key = ?').run(text, `batchwright:${key}`)
    database.close()
  },
})

describeCheckpointStore('memory:', { url: () => 'memory:', outlivesProcess: false })

describeWithServer('redis://', whyNoRedis(), startRedis, async (url, key, text) => {
  const { createClient } = await import('@keyv/redis')
  const client = createClient({ url })
  await client.connect()
  await client.set(`batchwright:${key}`, text)
  await client.close()
})

describeWithServer('postgres://', whyNoPostgres(), startPostgres, async (url, key, text) => {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('UPDATE batchwright_checkpoint SET value = $1 WHERE key = $2', [text, `batchwright:${key}`])
  await client.end()
})

function describeWithServer(
  name: string,
  missing: string | undefined,
  start: () => Promise<TestServer>,
  damage: (url: string, key: string, text: string) => Promise<void>,
): void {
  if (missing !== undefined) {
    console.warn(`The promise of ${name} was not tried here: ${missing}.`)
    describe.skip(name, () => it(missing, () => undefined))
    return
  }
  describe(name, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await start()
    })
    afterAll(async () => {
      await server.stop()
    })
    const subject: ContractSubject = {
      url: () => server.url,
      outlivesProcess: true,
      fenced: true,
      damage: (_root, key, text) => damage(server.url, key, text),
    }
    describeCheckpointStore(name, subject)
  })
}
