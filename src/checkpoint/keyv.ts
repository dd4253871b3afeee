// Keyv behind our promise: a failed read throws, a resolved write is stored, a damaged value is never believed.
//
// Keyv alone does not keep that promise: with an 'error' listener attached a failing adapter can make `get` answer
// undefined and `set` answer false. A batch whose state could not be read would then look as if it had never been
// submitted, and would be paid for twice.

import { Keyv } from 'keyv'
import { messageOf } from '../core/errors.ts'
import type { Adapter, Backend } from './adapter.ts'
import { type BackendContext, openBackend } from './backend.ts'
import type { CheckpointStore } from './checkpoint.ts'
import { seal, unseal } from './envelope.ts'

const NAMESPACE = 'batchwright'

/** A store that answers nothing for so long counts as failed. */
const ANSWER_WITHIN_MS = 20_000

/**
 * Opens the store that a URL names: `sqlite:PATH` (relative to the root), `memory:`, `redis://…`, `postgres://…`.
 * Throws UserError for any other URL or a missing package, Error when the store cannot be reached.
 */
export async function openCheckpointStore(url: string, context: BackendContext): Promise<CheckpointStore> {
  const backend = await openBackend(url, context)
  const store = createCheckpointStore(backend)
  try {
    // A server that is not there, or a table that cannot be made, shows now and not after planning.
    await store.read('opened')
  } catch (error) {
    await store.close().catch(() => undefined)
    throw error
  }
  return store
}

export function createCheckpointStore({ url, adapter, locks }: Backend): CheckpointStore {
  const calls = new Calls(url)
  const keyv = createKeyv(adapter)
  keyv.on('error', (error: unknown) => calls.fail(error))

  return {
    url,
    async read(key) {
      const text = await calls.run(`read "${key}"`, () => keyv.get<string>(key))
      if (text === undefined) return undefined
      const unsealed = unseal(text)
      if (unsealed === undefined) throw damaged(url, key)
      return unsealed.value
    },
    async write(key, value) {
      const stored = await calls.run(`write "${key}"`, () => keyv.set(key, seal(value)))
      if (stored !== true) throw new Error(`The store ${url} did not accept "${key}"; nothing was stored.`)
    },
    async delete(key) {
      await calls.run(`delete "${key}"`, () => keyv.delete(key))
    },
    lock: (run) => locks.lock(run),
    holder: (run) => locks.holder(run),
    async close() {
      try {
        await locks.close()
      } finally {
        await keyv.disconnect()
      }
    },
  }
}

/** Values pass as the sealed text itself. Prefixes are made here, since Keyv and some adapters would each add one. */
function createKeyv(adapter: Adapter): Keyv {
  const prefixed: Adapter = {
    get: async (key) => textOrAbsent(await adapter.get(`${NAMESPACE}:${key}`)),
    set: (key, value) => adapter.set(`${NAMESPACE}:${key}`, value),
    delete: (key) => adapter.delete(`${NAMESPACE}:${key}`),
    clear: () => adapter.clear(),
    disconnect: async () => await adapter.disconnect?.(),
    on: (event, listener) => adapter.on?.(event, listener),
  }
  return new Keyv({
    store: prefixed,
    useKeyPrefix: false,
    throwOnErrors: true,
    serialize: (data) => data.value as string,
    deserialize: <T>(text: string) => ({ value: text as T, expires: undefined }),
  })
}

/** Keyv takes an answer that is no text for an object, finds no value in it, and would call that absent. */
function textOrAbsent(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined
  if (typeof answer === 'string') return answer
  throw new Error(`it answered with a ${typeof answer} where a text was stored`)
}

/** The calls under way: each fails with the first error that the store reports while it is. */
class Calls {
  readonly #url: string
  readonly #underWay = new Set<(error: unknown) => void>()

  constructor(url: string) {
    this.#url = url
  }

  fail(error: unknown): void {
    for (const reject of this.#underWay) reject(error)
  }

  async run<T>(what: string, call: () => Promise<T>): Promise<T> {
    let giveUp: (error: unknown) => void = () => undefined
    const failed = new Promise<never>((_, reject) => {
      giveUp = reject
    })
    const timer = setTimeout(() => giveUp(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)), ANSWER_WITHIN_MS)
    this.#underWay.add(giveUp)
    try {
      return await Promise.race([call(), failed])
    } catch (error) {
      throw new Error(`The store ${this.#url} could not ${what}: ${messageOf(error)}`, { cause: error })
    } finally {
      clearTimeout(timer)
      this.#underWay.delete(giveUp)
    }
  }
}

function damaged(url: string, key: string): Error {
  return new Error(
    `The value of "${key}" in the store ${url} is damaged: its checksum does not agree. ` +
      'Nothing was submitted on the strength of it. Restore the store from a backup and resume, or start afresh with "run --new"; ' +
      'batches that are already at the provider are listed by "batches list".',
  )
}
