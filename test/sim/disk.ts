// What survives a crash: a store and artifacts in memory, both honest about what was committed.

import { ArtifactMissingError, type ArtifactStore } from '../../src/artifact/artifact.ts'
import type { CheckpointStore } from '../../src/checkpoint/checkpoint.ts'
import type { Json } from '../../src/core/json.ts'

export class MemoryDisk {
  readonly values = new Map<string, string>()
  readonly files = new Map<string, Uint8Array>()

  /** Views of the disk for one life: every effect asks `step` first, which may end the life. */
  store(step: (name: string) => Promise<void>): CheckpointStore {
    const { values } = this
    return {
      url: 'memory:',
      async read(key) {
        await step(`read ${key}`)
        const text = values.get(key)
        return text === undefined ? undefined : (JSON.parse(text) as Json)
      },
      async write(key, value) {
        await step(`before write ${key}`)
        values.set(key, JSON.stringify(value))
        await step(`after write ${key}`)
      },
      async delete(key) {
        await step(`before delete ${key}`)
        values.delete(key)
      },
      lock: async () => ({ lost: new AbortController().signal, release: async () => undefined }),
      holder: async () => undefined,
      close: async () => undefined,
    }
  }

  artifacts(step: (name: string) => Promise<void>): ArtifactStore {
    const { files } = this
    const contentOf = (run: string, name: string): Uint8Array => {
      const content = files.get(`${run}/${name}`)
      if (content === undefined) throw new ArtifactMissingError(run, name)
      return content
    }
    return {
      async create(run, name) {
        await step(`create ${name}`)
        const pieces: Uint8Array[] = []
        return {
          get bytes() {
            return pieces.reduce((sum, piece) => sum + piece.length, 0)
          },
          async write(bytes) {
            pieces.push(Buffer.from(bytes))
          },
          async commit() {
            await step(`before commit ${name}`)
            files.set(`${run}/${name}`, Buffer.concat(pieces))
            await step(`after commit ${name}`)
          },
          abort: async () => undefined,
        }
      },
      async *read(run, name, range) {
        const content = contentOf(run, name)
        yield content.subarray(range?.start ?? 0, range?.end ?? content.length)
      },
      async open(run, name) {
        const content = contentOf(run, name)
        return {
          // The memory that is offered may be used, and is now and then.
          async read(start, end, into) {
            const bytes = content.subarray(start, end)
            if (into === undefined || into.length < bytes.length || start % 2 === 0) return bytes
            into.set(bytes)
            return into.subarray(0, bytes.length)
          },
          close: async () => undefined,
        }
      },
      size: async (run, name) => files.get(`${run}/${name}`)?.length,
      async remove(run, name) {
        files.delete(`${run}/${name}`)
      },
      removeRun: async () => undefined,
      runs: async () => [],
    }
  }
}
