// Ways to break the run loop that people have really shipped. Each must be caught within a few seeds.

import type { Mutant } from './world.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the HTTP layer repeats a create call that got no answer',
    api: (api) => ({
      ...api,
      async submit(batch, signal) {
        try {
          return await api.submit(batch, signal)
        } catch (error) {
          if ((error as Error).name === 'RefusedError') throw error
          return api.submit(batch, signal)
        }
      },
    }),
  },
  {
    name: 'the intent to submit is not stored',
    store: (store) => ({
      ...store,
      async write(key, value) {
        if ((value as { phase?: string }).phase === 'submitting') return
        await store.write(key, value)
      },
    }),
  },
  {
    name: 'a batch that is not listed at once counts as absent',
    pace: (pace) => ({ ...pace, lookGraceMs: 0 }),
  },
  {
    name: 'a failed list looks like an empty one',
    api: (api) => ({
      ...api,
      async *list(signal) {
        try {
          yield* api.list(signal)
        } catch {
          // Nothing there.
        }
      },
    }),
    pace: (pace) => ({ ...pace, lookGraceMs: 0 }),
  },
  {
    name: 'a failed read of the store looks like absence',
    store: (store) => {
      let reads = 0
      return {
        ...store,
        async read(key) {
          reads += 1
          return reads % 2 === 0 && key.includes('/batch/') ? undefined : store.read(key)
        },
      }
    },
  },
  {
    name: 'a look takes any batch of the right size for certain',
    api: (api) => ({
      ...api,
      async *list(signal) {
        for await (const batch of api.list(signal)) yield batch.requests === 3 ? { ...batch, label: 'sim/0/1' } : batch
      },
    }),
  },
  {
    name: 'a file appears before it is whole',
    artifacts: (artifacts) => ({
      ...artifacts,
      async create(run, name) {
        const file = await artifacts.create(run, name)
        return { ...file, bytes: 0, abort: () => (name.startsWith('results/') ? file.commit() : file.abort()) }
      },
    }),
  },
]
