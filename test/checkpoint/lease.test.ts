import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createLeases, LeaseLostError, type Leases, type LeaseTable } from '../../src/checkpoint/lease.ts'
import type { LockContext } from '../../src/checkpoint/lock.ts'
import { UserError } from '../../src/core/errors.ts'

const TTL_MS = 150

/** A server that behaves: leases run out by its own clock, and it can be made to fail. */
class FakeTable implements LeaseTable {
  failing = false
  readonly rows = new Map<string, { lease: string; until: number }>()

  async take(run: string, lease: string, ttlMs: number): Promise<boolean> {
    if ((await this.read(run)) !== undefined) return false
    this.rows.set(run, { lease, until: Date.now() + ttlMs })
    return true
  }
  async read(run: string): Promise<string | undefined> {
    if (this.failing) throw new Error('connection refused')
    const row = this.rows.get(run)
    return row && row.until > Date.now() ? row.lease : undefined
  }
  async replace(run: string, old: string, lease: string, ttlMs: number): Promise<boolean> {
    if ((await this.read(run)) !== old) return false
    this.rows.set(run, { lease, until: Date.now() + ttlMs })
    return true
  }
  async renew(run: string, lease: string, ttlMs: number): Promise<boolean> {
    return await this.replace(run, lease, lease, ttlMs)
  }
  async drop(run: string, lease: string): Promise<void> {
    if (this.rows.get(run)?.lease === lease) this.rows.delete(run)
  }
}

const opened: Leases[] = []
afterEach(async () => {
  for (const leases of opened.splice(0)) await leases.close()
})

function leasesOf(table: LeaseTable, over: Partial<LockContext> = {}): Leases {
  const context = { processInfo: { pid: 1, hostname: 'a' }, now: Date.now, isAlive: async () => true, ...over }
  const leases = createLeases(table, context, TTL_MS)
  opened.push(leases)
  return leases
}

describe('a lease', () => {
  it('is renewed for as long as its holder lives', async () => {
    const table = new FakeTable()
    const lock = await leasesOf(table).lock('r')
    await delay(TTL_MS * 3)
    expect(lock.lost.aborted).toBe(false)
    const other = leasesOf(table, { processInfo: { pid: 2, hostname: 'b' } })
    const error = (await other.lock('r').catch((error: unknown) => error)) as UserError
    expect(error).toBeInstanceOf(UserError)
    expect(error.problems[0]?.hint).toContain('runs out within')
  })

  it('runs out by itself when its holder’s machine is gone', async () => {
    const table = new FakeTable()
    await table.take(
      'r',
      JSON.stringify({ pid: 9, hostname: 'gone', processStart: 'x', startedAt: 0, token: 't' }),
      TTL_MS,
    )
    const leases = leasesOf(table)
    await expect(leases.lock('r')).rejects.toThrow('process 9 on gone')
    await delay(TTL_MS + 20)
    await (await leases.lock('r')).release()
  })

  it('is taken over at once from a dead process of the same machine', async () => {
    const table = new FakeTable()
    await leasesOf(table).lock('r')
    const second = leasesOf(table, { processInfo: { pid: 2, hostname: 'a' }, isAlive: async () => false })
    expect(await second.holder('r')).toBeUndefined()
    await second.lock('r')
  })

  it('that was lost to another stops its holder’s writes to that run and to all else', async () => {
    const table = new FakeTable()
    const first = leasesOf(table)
    const lock = await first.lock('r')
    expect(first.fenceOf('runs/r/state')).toEqual({ run: 'r', lease: table.rows.get('r')?.lease })
    expect(first.fenceOf('runs/other/state')).toBeUndefined()
    await leasesOf(table, { processInfo: { pid: 2, hostname: 'a' }, isAlive: async () => false }).lock('r')
    await delay(TTL_MS)
    expect(lock.lost.aborted).toBe(true)
    expect(lock.lost.reason).toBeInstanceOf(LeaseLostError)
    expect(() => first.fenceOf('runs/r/state')).toThrow(LeaseLostError)
    expect(() => first.fenceOf('claims/anthropic/x')).toThrow(/lost.*nothing more was written/)
    await lock.release()
    expect(table.rows.has('r')).toBe(true)
  })

  it('outlives a short outage of the server and is lost in a long one', async () => {
    const table = new FakeTable()
    const lock = await leasesOf(table).lock('r')
    table.failing = true
    await delay(TTL_MS / 2)
    table.failing = false
    await delay(TTL_MS)
    expect(lock.lost.aborted).toBe(false)
    table.failing = true
    await delay(TTL_MS * 2)
    expect(lock.lost.aborted).toBe(true)
    expect((lock.lost.reason as Error).message).toContain('connection refused')
    table.failing = false
  })
})
