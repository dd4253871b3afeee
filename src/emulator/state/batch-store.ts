// The batches of a state folder. A batch exists once its folder stands in `batches/` under its id: until the rename it
// is a nameless folder in `incoming/`, which the next start removes.

import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder, writeAtomically } from '../../disk/atomic-file.ts'
import type { StoredBatch } from './batch.ts'

export class BatchStore {
  readonly #stateDir: string
  /** In the order of creation. */
  readonly #batches: StoredBatch[]
  readonly #places = new Map<string, number>()
  readonly #open = new Map<string, StoredBatch>()
  #incoming = 0
  /** Changes are one at a time: sequence and time of creation grow together, and none overwrites another. */
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(stateDir: string, batches: StoredBatch[]) {
    this.#stateDir = stateDir
    this.#batches = batches
    for (const [place, batch] of batches.entries()) {
      this.#places.set(batch.id, place)
      if (batch.ended === undefined) this.#open.set(batch.id, batch)
    }
  }

  static async open(stateDir: string): Promise<BatchStore> {
    await rm(join(stateDir, 'incoming'), { recursive: true, force: true })
    await mkdir(join(stateDir, 'incoming'), { recursive: true })
    await mkdir(join(stateDir, 'batches'), { recursive: true })
    const batches: StoredBatch[] = []
    for (const name of await readdir(join(stateDir, 'batches'))) {
      const text = await readFile(join(stateDir, 'batches', name, 'meta.json'), 'utf8')
      batches.push(JSON.parse(text) as StoredBatch)
    }
    batches.sort((a, b) => a.sequence - b.sequence)
    return new BatchStore(stateDir, batches)
  }

  /** All that ever were, deleted ones too, in the order of creation. */
  get all(): readonly StoredBatch[] {
    return this.#batches
  }

  /** Those that have not ended, in the order of creation. */
  get open(): Iterable<StoredBatch> {
    return this.#open.values()
  }

  /** Undefined: there is none of this id, or it was deleted. */
  find(id: string): StoredBatch | undefined {
    const batch = this.#batches[this.#places.get(id) ?? -1]
    return batch?.deletedAtMs === undefined ? batch : undefined
  }

  fileOf(id: string, name: 'requests.json' | 'index' | 'results.jsonl' | 'contents' | 'answers.log'): string {
    return join(this.#stateDir, 'batches', id, name)
  }

  /** A new folder for a batch that is arriving. */
  async newIncoming(): Promise<string> {
    const folder = join(this.#stateDir, 'incoming', String(++this.#incoming))
    await mkdir(folder)
    return folder
  }

  /** Makes a batch of an incoming folder whose files are on disk. Resolved = it will be there after any crash. */
  accept(folder: string, describe: (sequence: number) => StoredBatch): Promise<StoredBatch> {
    return this.#inTurn(async () => {
      const batch = describe((this.#batches.at(-1)?.sequence ?? 0) + 1)
      await writeSynced(join(folder, 'meta.json'), JSON.stringify(batch))
      await syncFolder(folder)
      await rename(folder, join(this.#stateDir, 'batches', batch.id))
      await syncFolder(join(this.#stateDir, 'batches'))
      this.#places.set(batch.id, this.#batches.length)
      this.#batches.push(batch)
      this.#open.set(batch.id, batch)
      return batch
    })
  }

  /** Stores what `changes` makes of a batch; undefined: nothing is to change. Resolved = on disk. */
  change(id: string, changes: (batch: StoredBatch) => Partial<StoredBatch> | undefined): Promise<StoredBatch> {
    return this.#inTurn(async () => {
      const place = this.#places.get(id)
      const batch = place === undefined ? undefined : this.#batches[place]
      if (place === undefined || batch === undefined) throw new Error(`There is no batch ${id}.`)
      const changed = changes(batch)
      if (changed === undefined) return batch
      const whole = { ...batch, ...changed }
      await writeAtomically(join(this.#stateDir, 'batches', id, 'meta.json'), JSON.stringify(whole))
      this.#batches[place] = whole
      if (whole.ended === undefined) this.#open.set(id, whole)
      else this.#open.delete(id)
      return whole
    })
  }

  /** Removes what is large of a deleted batch. */
  async removeContents(id: string): Promise<void> {
    await rm(this.fileOf(id, 'requests.json'), { force: true })
    await rm(this.fileOf(id, 'results.jsonl'), { force: true })
    await rm(this.fileOf(id, 'answers.log'), { force: true })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work)
    this.#changing = done.catch(() => undefined)
    return done
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
