// What every checkpoint store promises, whatever is behind it.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BackendContext } from '../../src/checkpoint/backend.ts'
import type { CheckpointStore } from '../../src/checkpoint/checkpoint.ts'
import { openCheckpointStore } from '../../src/checkpoint/keyv.ts'
import { UserError } from '../../src/core/errors.ts'
import type { Json } from '../../src/core/json.ts'

export interface ContractSubject {
  /** The store's URL; `root` is an empty folder of this test. */
  url(root: string): string
  /** False: it ends with its process, so nothing is tried from a second one. */
  readonly outlivesProcess: boolean
  /** True: the lock is a lease on a server, which refuses writes under any other than the current one. */
  readonly fenced?: boolean
  /** Overwrites what is stored under a key with these characters. */
  damage?(root: string, key: string, text: string): Promise<void>
}

export function describeCheckpointStore(name: string, subject: ContractSubject): void {
  describe(`the promise of ${name}`, () => {
    let root: string
    let opened: CheckpointStore[]
    let children: ChildProcess[]
    // Servers are shared by all tests, so each works on a run and on keys of its own.
    let run: string
    let key: (name: string) => string

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'bw-store-'))
      run = `run-${Math.random().toString(36).slice(2)}`
      key = (last) => `runs/${run}/${last}`
      opened = []
      children = []
    })
    afterEach(async () => {
      for (const child of children) child.kill('SIGKILL')
      for (const store of opened) await store.close()
      rmSync(root, { recursive: true, force: true })
    })

    const context = (over: Partial<BackendContext> = {}): BackendContext => ({
      root,
      processInfo: { pid: process.pid, hostname: hostname() },
      now: Date.now,
      ...over,
    })
    async function open(over: Partial<BackendContext> = {}): Promise<CheckpointStore> {
      const store = await openCheckpointStore(subject.url(root), context(over))
      opened.push(store)
      return store
    }
    async function close(store: CheckpointStore): Promise<void> {
      opened = opened.filter((other) => other !== store)
      await store.close()
    }
    async function startChild(mode: 'hold' | 'write'): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
      const script = fileURLToPath(new URL('../support/checkpoint-child.mjs', import.meta.url))
      const child = spawn(process.execPath, [script, mode, subject.url(root), root, run], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
    }
    async function kill(child: ChildProcess): Promise<void> {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }

    it('answers undefined for what was never written', async () => {
      expect(await (await open()).read(key('state'))).toBeUndefined()
    })

    it('gives back every kind of value as it was written', async () => {
      const store = await open()
      const values: Json[] = [
        null,
        false,
        0,
        -1.5e-9,
        '',
        'ein “Wort” \u0000\n\u2028 🦜',
        [],
        {},
        { a: [1, { b: null }], '"': "'", __proto__: 1 },
        { value: 'like an envelope', sum: 'x' },
        'long '.repeat(200_000),
      ]
      for (const [index, value] of values.entries()) await store.write(key(`batch/${index}`), value)
      for (const [index, value] of values.entries()) expect(await store.read(key(`batch/${index}`))).toEqual(value)
    })

    it('keeps the last of several writes, and forgets what is deleted', async () => {
      const store = await open()
      await store.write(key('state'), { phase: 'planned' })
      await store.write(key('state'), { phase: 'submitted' })
      expect(await store.read(key('state'))).toEqual({ phase: 'submitted' })
      await store.delete(key('state'))
      await store.delete(key('state'))
      expect(await store.read(key('state'))).toBeUndefined()
    })

    it('keeps many writes apart that are under way together', async () => {
      const store = await open()
      const numbers = Array.from({ length: 100 }, (_, index) => index)
      await Promise.all(numbers.map((number) => store.write(key(`batch/${number}`), number)))
      expect(await Promise.all(numbers.map((number) => store.read(key(`batch/${number}`))))).toEqual(numbers)
    })

    it('gives a run to one holder at a time and names it to the next', async () => {
      const store = await open({ now: () => new Date(2026, 10, 22, 10, 41, 2).getTime() })
      expect(await store.holder(run)).toBeUndefined()
      const lock = await store.lock(run)
      const words = `process ${process.pid} on ${hostname()} since 10:41:02`
      expect(await store.holder(run)).toBe(words)
      const refused = await store.lock(run).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(UserError)
      expect((refused as UserError).message).toBe(
        `Run ${run} is being worked on by ${words}. Wait for it, or stop it first.`,
      )
      expect(lock.lost.aborted).toBe(false)
      await lock.release()
      await lock.release()
      expect(await store.holder(run)).toBeUndefined()
      await (await store.lock(run)).release()
    })

    it('writes under a lock as well as without one', async () => {
      const store = await open()
      const lock = await store.lock(run)
      await store.write(key('state'), 1)
      await store.write(`claims/anthropic/${run}`, 2)
      await lock.release()
      await store.write(key('state'), 3)
      expect(await store.read(key('state'))).toBe(3)
      expect(await store.read(`claims/anthropic/${run}`)).toBe(2)
    })

    it('takes no run id that could be read as a path', async () => {
      const store = await open()
      if (subject.outlivesProcess) await expect(store.lock('../../x')).rejects.toThrow(UserError)
    })

    if (!subject.outlivesProcess) return

    it('has everything after it was closed and opened again, and lets go of its locks', async () => {
      const first = await open()
      await first.write(key('header'), { version: 1 })
      await first.lock(run)
      await close(first)
      const second = await open()
      expect(await second.read(key('header'))).toEqual({ version: 1 })
      await (await second.lock(run)).release()
    })

    it('refuses a second process, and lets it take over at once when the first was killed', async () => {
      const { child, lines } = await startChild('hold')
      expect((await lines.next()).value).toBe('locked')
      const store = await open()
      await expect(store.lock(run)).rejects.toThrow(`by process ${child.pid} on ${hostname()}`)
      expect(await store.holder(run)).toContain(`process ${child.pid}`)
      await kill(child)
      const killedAt = Date.now()
      expect(await store.holder(run)).toBeUndefined()
      const lock = await store.lock(run)
      expect(Date.now() - killedAt).toBeLessThan(1500)
      await store.write(key('state'), 'taken over')
      await lock.release()
    })

    it('gives a dead process’s run to exactly one of many that want it', async () => {
      const { child, lines } = await startChild('hold')
      await lines.next()
      await kill(child)
      const contenders = await Promise.all(Array.from({ length: 5 }, () => startChild('hold')))
      const said = await Promise.all(contenders.map(async (contender) => (await contender.lines.next()).value))
      expect(said.filter((line) => line === 'locked')).toHaveLength(1)
      expect(said.filter((line) => String(line).startsWith('refused'))).toHaveLength(4)
    })

    it('has every write that it acknowledged before its process was killed', async () => {
      const { child, lines } = await startChild('write')
      let acknowledged = 0
      while (acknowledged < 40) acknowledged = Number((await lines.next()).value)
      await kill(child)
      for (let line = await lines.next(); !line.done; line = await lines.next()) acknowledged = Number(line.value)
      const store = await open()
      expect(await store.read(key('count'))).toBeGreaterThanOrEqual(acknowledged)
      for (let number = 1; number <= acknowledged; number++) {
        expect(await store.read(key(`batch/${number}`))).toEqual({ number })
      }
    })

    if (subject.fenced) {
      it('stores nothing from a process whose lease another has taken, and tells it so', async () => {
        const first = await open()
        const lock = await first.lock(run)
        await first.write(key('state'), 'first')
        // To the second process the first looks dead, as a process does that was suspended past its lease.
        const second = await open({ processInfo: { pid: 1, hostname: hostname() }, isAlive: async () => false })
        const taken = await second.lock(run)
        await expect(first.write(key('state'), 'too late')).rejects.toThrow(/lease on run .* was lost/)
        expect(await second.read(key('state'))).toBe('first')
        await second.write(key('state'), 'second')
        await expect.poll(() => lock.lost.aborted, { timeout: 8000 }).toBe(true)
        await lock.release()
        expect(taken.lost.aborted).toBe(false)
        expect(await first.read(key('state'))).toBe('second')
      })

      it('refuses a holder on another machine, whose life cannot be seen', async () => {
        const elsewhere = await open({ processInfo: { pid: process.pid, hostname: 'elsewhere' } })
        await elsewhere.lock(run)
        const here = await open({ isAlive: async () => false })
        const error = (await here.lock(run).catch((error: unknown) => error)) as UserError
        expect(error.message).toContain(`process ${process.pid} on elsewhere`)
        expect(error.problems[0]?.hint).toContain('runs out within 10 s')
      })
    }

    it('throws for a damaged value, naming the key and what can be done', async () => {
      const store = await open()
      await store.write(key('header'), { version: 1, rows: 1000 })
      for (const text of ['', '{"sum":"0000000000000000","value":{"version":1,"rows":1000}}', '{"version":1', 'null']) {
        await subject.damage?.(root, key('header'), text)
        await expect(store.read(key('header'))).rejects.toThrow(/runs\/.*\/header.*damaged.*Restore/s)
      }
    })
  })
}
