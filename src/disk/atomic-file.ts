// A file that appears complete or not at all: written under a temporary name beside its place, fsynced, renamed.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Fill, StagedFile } from './staged-file.ts'
import { claimTemporary, releaseTemporary, sweepTemporaries } from './temporary.ts'

export interface AtomicFile {
  readonly path: string
  /** Where its content lies until it is committed. */
  readonly temporary: string
  /** Bytes so far. */
  readonly bytes: number
  /** Resolves when the bytes may be reused. What the disk says to them may be thrown by a later call, at the latest by commit. */
  write(bytes: Uint8Array): Promise<void>
  /** Adds what `fill` writes, `most` bytes at most. Await the answer when there is one: it is the disk's backpressure. */
  fill(most: number, fill: Fill): Promise<void> | undefined
  /** Resolved = whoever reads `temporary` finds all that was added. */
  flush(): Promise<void>
  /** Takes back everything after the first `bytes` bytes; the next write goes on there. */
  truncate(bytes: number): Promise<void>
  /** fsync, rename, fsync of the folder. Resolved = on disk under its name. */
  commit(): Promise<void>
  /** Leaves nothing behind; never throws; after commit it does nothing. */
  abort(): Promise<void>
}

/**
 * Creates the folders above `path` as needed, and removes what dead processes left in its folder. Several writers of one
 * path, in one process or in many, do not meet: each makes a file of its own appear whole, the last one stays.
 *
 * @param options `goesDirect`: nobody here reads the file soon, so it need not fill the system's cache
 */
export async function createAtomicFile(path: string, options?: { readonly goesDirect: boolean }): Promise<AtomicFile> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  await sweepTemporaries(folder)
  const temporary = claimTemporary(path)
  try {
    return new OpenAtomicFile(path, temporary, await StagedFile.create(temporary, options?.goesDirect === true))
  } catch (error) {
    releaseTemporary(temporary)
    throw error
  }
}

export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const file = await createAtomicFile(path)
  try {
    await file.write(typeof content === 'string' ? Buffer.from(content) : content)
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}

/** Makes renames and removals inside a folder durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle
  try {
    handle = await open(folder, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR' || (error as NodeJS.ErrnoException).code === 'EPERM') return
    throw error
  }
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

class OpenAtomicFile implements AtomicFile {
  readonly path: string
  readonly temporary: string
  readonly #file: StagedFile
  #state: 'open' | 'committed' | 'aborted' = 'open'

  constructor(path: string, temporary: string, file: StagedFile) {
    this.path = path
    this.temporary = temporary
    this.#file = file
  }

  get bytes(): number {
    return this.#file.bytes
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#file.write(bytes)
  }

  fill(most: number, fill: Fill): Promise<void> | undefined {
    return this.#file.fill(most, fill)
  }

  flush(): Promise<void> {
    return this.#file.flush()
  }

  truncate(bytes: number): Promise<void> {
    return this.#file.truncate(bytes)
  }

  async commit(): Promise<void> {
    await this.#file.finish()
    await rename(this.temporary, this.path)
    releaseTemporary(this.temporary)
    await syncFolder(dirname(this.path))
    this.#state = 'committed'
  }

  async abort(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'aborted'
    await this.#file.close().catch(() => undefined)
    await rm(this.temporary, { force: true }).catch(() => undefined)
    releaseTemporary(this.temporary)
  }
}
