// The uploaded files of a state folder. As with batches, a file exists once its folder stands under its id.

import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder, writeAtomically } from '../../disk/atomic-file.ts'

export interface StoredFile {
  readonly id: string
  readonly sequence: number
  readonly filename: string
  readonly mediaType: string
  readonly bytes: number
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  /** Its bytes are gone; the id is not given again. */
  readonly isDeleted?: true
}

export class FileStore {
  readonly #stateDir: string
  /** In the order of upload, deleted ones too. */
  readonly #files: StoredFile[]
  #incoming = 0
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(stateDir: string, files: StoredFile[]) {
    this.#stateDir = stateDir
    this.#files = files
  }

  static async open(stateDir: string): Promise<FileStore> {
    await rm(join(stateDir, 'incoming-files'), { recursive: true, force: true })
    await mkdir(join(stateDir, 'incoming-files'), { recursive: true })
    await mkdir(join(stateDir, 'files'), { recursive: true })
    const files: StoredFile[] = []
    for (const name of await readdir(join(stateDir, 'files'))) {
      files.push(JSON.parse(await readFile(join(stateDir, 'files', name, 'meta.json'), 'utf8')) as StoredFile)
    }
    return new FileStore(
      stateDir,
      files.sort((a, b) => a.sequence - b.sequence),
    )
  }

  /** Newest first, deleted ones too: they serve as cursors. */
  get newestFirst(): readonly StoredFile[] {
    return [...this.#files].reverse()
  }

  /** Undefined: there is none of this id, or it was deleted. */
  find(id: string): StoredFile | undefined {
    return this.#files.find((file) => file.id === id && file.isDeleted === undefined)
  }

  async read(file: StoredFile): Promise<Buffer> {
    return readFile(join(this.#stateDir, 'files', file.id, 'content'))
  }

  async newIncoming(): Promise<string> {
    const folder = join(this.#stateDir, 'incoming-files', String(++this.#incoming))
    await mkdir(folder)
    return folder
  }

  /** Makes a file of an incoming folder whose `content` is on disk. Resolved = it will be there after any crash. */
  accept(folder: string, describe: (sequence: number) => StoredFile): Promise<StoredFile> {
    return this.#inTurn(async () => {
      const file = describe((this.#files.at(-1)?.sequence ?? 0) + 1)
      const handle = await open(join(folder, 'meta.json'), 'wx')
      try {
        await handle.writeFile(JSON.stringify(file))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await syncFolder(folder)
      await rename(folder, join(this.#stateDir, 'files', file.id))
      await syncFolder(join(this.#stateDir, 'files'))
      this.#files.push(file)
      return file
    })
  }

  /** Resolved = gone for good. */
  remove(file: StoredFile): Promise<void> {
    return this.#inTurn(async () => {
      const place = this.#files.findIndex((one) => one.id === file.id)
      if (place < 0 || this.#files[place]?.isDeleted) return
      const deleted: StoredFile = { ...file, isDeleted: true }
      await writeAtomically(join(this.#stateDir, 'files', file.id, 'meta.json'), JSON.stringify(deleted))
      this.#files[place] = deleted
      await rm(join(this.#stateDir, 'files', file.id, 'content'), { force: true })
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work)
    this.#changing = done.catch(() => undefined)
    return done
  }
}
