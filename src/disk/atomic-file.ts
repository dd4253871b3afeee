// A file that appears complete or not at all: written under a temporary name beside its place, fsynced, renamed.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Marks our temporary files; the next writer of the same file removes what a crash left. */
const TEMPORARY = '.batchwright-tmp'

export interface AtomicFile {
  readonly path: string
  /** Bytes written so far. */
  readonly bytes: number
  /** Resolves when the bytes may be reused. Write large pieces: each call is one system call. */
  write(bytes: Uint8Array): Promise<void>
  /** Takes back everything after the first `bytes` bytes; the next write goes on there. */
  truncate(bytes: number): Promise<void>
  /** fsync, rename, fsync of the folder. Resolved = on disk under its name. */
  commit(): Promise<void>
  /** Leaves nothing behind; never throws; after commit it does nothing. */
  abort(): Promise<void>
}

/** Creates the folders above `path` as needed. A temporary file that a crash left for the same path is overwritten. */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = temporaryPathOf(path)
  const handle = await open(temporary, 'w')
  return new OpenAtomicFile(path, temporary, handle)
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

export function temporaryPathOf(path: string): string {
  return join(dirname(path), `.${basename(path)}${TEMPORARY}`)
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
  bytes = 0
  readonly #temporary: string
  readonly #handle: FileHandle
  #state: 'open' | 'committed' | 'aborted' = 'open'

  constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path
    this.#temporary = temporary
    this.#handle = handle
  }

  async write(bytes: Uint8Array): Promise<void> {
    // FileHandle.write may write less than asked, as on a disk that is nearly full.
    for (let offset = 0; offset < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, offset, bytes.length - offset, this.bytes)
      offset += bytesWritten
      this.bytes += bytesWritten
    }
  }

  async truncate(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes)
    this.bytes = bytes
  }

  async commit(): Promise<void> {
    await this.#handle.sync()
    await this.#handle.close()
    await rename(this.#temporary, this.path)
    await syncFolder(dirname(this.path))
    this.#state = 'committed'
  }

  async abort(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'aborted'
    await this.#handle.close().catch(() => undefined)
    await rm(this.#temporary, { force: true }).catch(() => undefined)
  }
}
