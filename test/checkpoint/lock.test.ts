import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeSelf, isHolderAlive } from '../../src/checkpoint/holder.ts'
import { createFileLocks, type LockContext } from '../../src/checkpoint/lock.ts'
import { UserError } from '../../src/core/errors.ts'

const HOST = 'workstation'
const NOW = new Date(2026, 10, 22, 12, 0, 0).getTime()

let folder: string
let dead: Set<number>
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'bw-lock-')), 'locks')
  dead = new Set()
})
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

/** Locks as a process of this id would take them; which processes live is decided by `dead`. */
function locksOf(pid: number, over: Partial<LockContext> = {}) {
  return createFileLocks(folder, {
    processInfo: { pid, hostname: HOST },
    now: () => NOW,
    async isAlive(holder) {
      await delay(Math.random() * 3)
      return !dead.has(holder.pid)
    },
    ...over,
  })
}

describe('a lock file', () => {
  it('is never given to two of many processes that find a dead holder at the same moment', async () => {
    let nextPid = 1
    for (let round = 0; round < 25; round++) {
      const holder = nextPid++
      dead.clear()
      await locksOf(holder).lock('r')
      dead.add(holder)
      let holding = 0
      const contenders = Array.from({ length: 12 }, async () => {
        const locks = locksOf(nextPid++)
        await delay(Math.random() * 4)
        const lock = await locks.lock('r').catch((error: unknown) => {
          expect(error).toBeInstanceOf(UserError)
          return undefined
        })
        if (lock === undefined) return 'refused'
        expect(++holding).toBe(1)
        await delay(Math.random() * 4)
        holding--
        // Some let go and some die, so that later contenders meet every kind of lock.
        if (Math.random() < 0.7) await lock.release()
        return 'held'
      })
      expect(await Promise.all(contenders)).toContain('held')
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is taken over although an earlier process died while it was taking over', async () => {
    await locksOf(1).lock('r')
    const path = join(folder, 'r.lock')
    const text = readFileSync(path, 'utf8')
    // Process 2 has the guard of process 1's lock, and dies before it replaces that lock.
    const guard = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
    writeFileSync(guard, JSON.stringify({ ...JSON.parse(text), pid: 2, token: 'guard' }))
    dead.add(1)
    await expect(locksOf(3, { patienceMs: 60 }).lock('r')).rejects.toThrow('process 2')
    dead.add(2)
    const lock = await locksOf(3).lock('r')
    await expect(locksOf(4).lock('r')).rejects.toThrow('process 3')
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('of another machine is refused, with what to do when that machine is gone', async () => {
    await locksOf(1, { processInfo: { pid: 1, hostname: 'laptop' } }).lock('r')
    dead.add(1)
    const error = (await locksOf(2)
      .lock('r')
      .catch((error: unknown) => error)) as UserError
    expect(error.message).toContain('process 1 on laptop')
    expect(error.problems[0]?.hint).toContain(`delete ${join(folder, 'r.lock')}`)
  })

  it('of a process whose number is used again by another process counts as dead', async () => {
    const self = await describeSelf({ pid: process.pid, hostname: HOST }, NOW)
    expect(await isHolderAlive(self)).toBe(true)
    expect(await isHolderAlive({ ...self, processStart: `${self.processStart}0` })).toBe(false)
    expect(await isHolderAlive({ ...self, pid: 2 ** 22 + 1 })).toBe(false)
  })

  it('that is damaged is refused with its path', async () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'r.lock'), '{"pid":')
    await expect(locksOf(1, { patienceMs: 60 }).lock('r')).rejects.toThrow(
      `The lock file ${join(folder, 'r.lock')} is damaged`,
    )
  })

  it('that is still being written is waited for', async () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'r.lock'), '')
    const waiting = locksOf(1).lock('r')
    await delay(60)
    const other = { pid: 7, hostname: HOST, processStart: 'x', startedAt: NOW - 86_400_000, token: 't' }
    writeFileSync(join(folder, 'r.lock'), JSON.stringify(other))
    await expect(waiting).rejects.toThrow('process 7 on workstation since 2026-11-21 12:00:00')
  })

  it('is released only by its own holder', async () => {
    const lock = await locksOf(1).lock('r')
    dead.add(1)
    await locksOf(2).lock('r')
    await lock.release()
    await expect(locksOf(3).lock('r')).rejects.toThrow('process 2')
  })

  it('leaves nothing in the folder once it is released', async () => {
    await locksOf(1).lock('r')
    dead.add(1)
    await (await locksOf(2).lock('r')).release()
    expect(readdirSync(folder)).toEqual([])
  })
})
