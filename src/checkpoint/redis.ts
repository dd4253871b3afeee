// Redis (and Valkey) through @keyv/redis, an optional package that is loaded only for a redis:// store.

import type { RunId } from '../core/batch.ts'
import { messageOf, UserError } from '../core/errors.ts'
import type { Backend } from './adapter.ts'
import { createLeases, LeaseLostError, type Leases, type LeaseTable } from './lease.ts'
import type { LockContext } from './lock.ts'

const CONNECT_WITHIN_MS = 5_000
const RECONNECT_AT_MOST_EVERY_MS = 2_000

/** How durable a write is depends on the server: with `appendfsync always` what was answered is on its disk. */
export async function openRedisBackend(url: string, shown: string, context: LockContext): Promise<Backend> {
  const { default: KeyvRedis, createClient } = await importRedis()
  let isConnected = false
  const client = createClient({
    url,
    socket: {
      connectTimeout: CONNECT_WITHIN_MS,
      // A server that was never there is an error at once; one that went away is waited for by the calls under way.
      reconnectStrategy: (retries, cause) =>
        isConnected ? Math.min(RECONNECT_AT_MOST_EVERY_MS, 50 * 2 ** retries) : cause,
    },
  })
  const adapter = new KeyvRedis<string>(client, { throwOnErrors: true })
  // The adapter passes on every error of the connection; without a listener the first would end the process.
  adapter.on('error', () => undefined)
  try {
    await client.connect()
    isConnected = true
  } catch (error) {
    throw new Error(
      `The store ${shown} cannot be reached: ${messageOf(error)}. Check that the server runs and that address, user and password are right.`,
      { cause: error },
    )
  }
  const send: Send = (...words) => client.sendCommand(words)
  const leases = createLeases(createRedisTable(send), context)
  return {
    url: shown,
    adapter: {
      get: (key) => adapter.get<string>(key),
      set: (key, value) => setFenced(send, leases, key, value),
      delete: (key) => adapter.delete(key),
      clear: () => adapter.clear(),
      disconnect: async () => (client.isReady ? await client.close() : client.destroy()),
      on: (event, listener) => adapter.on(event, listener),
    },
    locks: leases,
  }
}

/** Sends one command, its words as they would be typed. */
type Send = (...words: string[]) => Promise<unknown>

// The scripts run whole or not at all; KEYS[1] is the lease, ARGV[1] what it must be.
const IF_CURRENT = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
const REPLACE = `${IF_CURRENT}redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`
const RENEW = `${IF_CURRENT}return redis.call('PEXPIRE', KEYS[1], ARGV[2])`
const DROP = `${IF_CURRENT}return redis.call('DEL', KEYS[1])`
const FENCED_SET = `${IF_CURRENT}redis.call('SET', KEYS[2], ARGV[2]) return 1`

const leaseKey = (run: RunId): string => `batchwright-lease:${run}`

function createRedisTable(send: Send): LeaseTable {
  return {
    take: async (run, lease, ttlMs) => (await send('SET', leaseKey(run), lease, 'NX', 'PX', String(ttlMs))) === 'OK',
    read: async (run) => ((await send('GET', leaseKey(run))) as string | null) ?? undefined,
    replace: async (run, old, lease, ttlMs) =>
      (await send('EVAL', REPLACE, '1', leaseKey(run), old, lease, String(ttlMs))) === 1,
    renew: async (run, lease, ttlMs) => (await send('EVAL', RENEW, '1', leaseKey(run), lease, String(ttlMs))) === 1,
    drop: async (run, lease) => {
      await send('EVAL', DROP, '1', leaseKey(run), lease)
    },
  }
}

async function setFenced(send: Send, leases: Leases, key: string, value: string): Promise<boolean> {
  const fence = leases.fenceOf(key)
  if (fence === undefined) return (await send('SET', key, value)) === 'OK'
  const stored = await send('EVAL', FENCED_SET, '2', leaseKey(fence.run), key, fence.lease, value)
  if (stored !== 1) throw new LeaseLostError(fence.run, 'the server has another holder or none')
  return true
}

async function importRedis(): Promise<typeof import('@keyv/redis')> {
  try {
    return await import('@keyv/redis')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UserError({
      message: 'A redis:// store needs the package "@keyv/redis", which is not installed.',
      hint: 'Install it with "npm install @keyv/redis", or use sqlite:.batchwright/state.db.',
    })
  }
}
