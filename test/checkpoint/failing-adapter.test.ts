import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Adapter, RunLocks } from '../../src/checkpoint/adapter.ts'
import { createCheckpointStore } from '../../src/checkpoint/keyv.ts'

const noLocks: RunLocks = {
  lock: () => Promise.reject(new Error('not used')),
  holder: async () => undefined,
  close: async () => undefined,
}

type Fault = 'none' | 'throws' | 'emits' | 'answers false' | 'hangs and emits'

/** Behaves like a published Keyv adapter, and fails on command in each of the ways that they do. */
class FailingAdapter extends EventEmitter implements Adapter {
  fault: Fault = 'none'
  readonly values = new Map<string, string>()

  async get(key: string): Promise<string | undefined> {
    await this.#fail()
    return this.fault === 'none' ? this.values.get(key) : undefined
  }
  async set(key: string, value: string): Promise<boolean> {
    await this.#fail()
    if (this.fault !== 'none') return false
    this.values.set(key, value)
    return true
  }
  async delete(key: string): Promise<boolean> {
    await this.#fail()
    return this.fault === 'none' && this.values.delete(key)
  }
  async clear(): Promise<void> {
    this.values.clear()
  }
  async #fail(): Promise<void> {
    const error = new Error('the disk is full')
    if (this.fault === 'throws') throw error
    if (this.fault === 'emits' || this.fault === 'hangs and emits') this.emit('error', error)
    if (this.fault === 'hangs and emits') await new Promise(() => undefined)
  }
}

function open() {
  const adapter = new FailingAdapter()
  return { adapter, store: createCheckpointStore({ url: 'test:', adapter, locks: noLocks }) }
}

describe('a store whose adapter fails', () => {
  it.each<Fault>(['throws', 'emits', 'hangs and emits'])(
    'throws for a read when the adapter %s, and never says "absent"',
    async (fault) => {
      const { adapter, store } = open()
      await store.write('runs/r/state', 1)
      adapter.fault = fault
      await expect(store.read('runs/r/state')).rejects.toThrow(
        'The store test: could not read "runs/r/state": the disk is full',
      )
      adapter.fault = 'none'
      expect(await store.read('runs/r/state')).toBe(1)
    },
  )

  it.each<Fault>(['throws', 'emits', 'hangs and emits', 'answers false'])(
    'throws for a write when the adapter %s',
    async (fault) => {
      const { adapter, store } = open()
      adapter.fault = fault
      await expect(store.write('runs/r/state', 1)).rejects.toThrow(/"runs\/r\/state"/)
      adapter.fault = 'none'
      expect(await store.read('runs/r/state')).toBeUndefined()
    },
  )

  it.each<Fault>(['throws', 'emits', 'hangs and emits'])('throws for a deletion when the adapter %s', async (fault) => {
    const { adapter, store } = open()
    adapter.fault = fault
    await expect(store.delete('runs/r/state')).rejects.toThrow('could not delete "runs/r/state": the disk is full')
  })

  it('fails every call that is under way when the connection reports an error', async () => {
    const { adapter, store } = open()
    adapter.fault = 'hangs and emits'
    const calls = await Promise.allSettled([store.read('a'), store.write('b', 1), store.delete('c')])
    expect(calls.map((call) => call.status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  it('outlives an error that is reported while no call is under way', async () => {
    const { adapter, store } = open()
    adapter.emit('error', new Error('connection reset'))
    await store.write('a', 1)
    expect(await store.read('a')).toBe(1)
  })

  it('throws when the adapter gives back something that is no text', async () => {
    const { adapter, store } = open()
    adapter.get = async () => 42 as unknown as string
    await expect(store.read('a')).rejects.toThrow(
      'could not read "a": it answered with a number where a text was stored',
    )
  })
})
