// A store that ends with its process: for tests, and for runs that nobody will resume.

import type { RunId } from '../core/batch.ts'
import type { Backend, RunLocks } from './adapter.ts'
import { describeSelf, type Holder, heldBy, nameHolder } from './holder.ts'
import type { LockContext } from './lock.ts'

export function openMemoryBackend(context: LockContext): Backend {
  const values = new Map<string, string>()
  return {
    url: 'memory:',
    adapter: {
      get: async (key) => values.get(key),
      set: async (key, value) => values.set(key, value).has(key),
      delete: async (key) => values.delete(key),
      clear: async () => values.clear(),
    },
    locks: createMemoryLocks(context),
  }
}

function createMemoryLocks({ processInfo, now }: LockContext): RunLocks {
  const holders = new Map<RunId, Holder>()
  return {
    async lock(run) {
      const me = await describeSelf(processInfo, now())
      const other = holders.get(run)
      if (other) throw heldBy(run, other, now())
      holders.set(run, me)
      return {
        lost: new AbortController().signal,
        async release() {
          if (holders.get(run)?.token === me.token) holders.delete(run)
        },
      }
    },
    async holder(run) {
      const holder = holders.get(run)
      return holder && nameHolder(holder, now())
    },
    async close() {
      holders.clear()
    },
  }
}
