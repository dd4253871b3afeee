// A file that appears complete or not at all: written under a temporary name beside its place, fsynced, renamed.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { claimTemporary, releaseTemporary, sweepTemporaries } from './temporary.ts'

export interface AtomicFile {
  readonly path: string
  /** Where its content lies until it is committed. */
  readonly temporary: string
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

/**
 * Creates the folders above `path` as needed, and removes what dead processes left in its folder. Several writers of one
 * path, in one process or in many, do not meet: each makes a file of its own appear whole, the last one stays.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  await sweepTemporaries(folder)
  const temporary = claimTemporary(path)
  try {
    return new OpenAtomicFile(path, temporary, await open(temporary, 'wx'))
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

/** Often enough that the end does not wait long, seldom enough that the disk is not kept from its work. */
const SEND_BYTES = 256 << 20

/** So much is written at once. Measured on ext4 with large folios: 4 MiB at once take four times as long for each byte. */
export const WRITE_BYTES = 1 << 19

class OpenAtomicFile implements AtomicFile {
  readonly path: string
  readonly temporary: string
  bytes = 0
  readonly #handle: FileHandle
  /** Bytes that have been written when the disk was last told to take them. */
  #sentTo = 0
  /** The disk at work beside the writing; it never rejects, and what it says is heard at the end. */
  #sending: Promise<void> | undefined
  /** Said once by the system and never again, so it is kept. */
  #failure: { readonly error: unknown } | undefined
  #state: 'open' | 'committed' | 'aborted' = 'open'

  constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path
    this.temporary = temporary
    this.#handle = handle
  }

  async write(bytes: Uint8Array): Promise<void> {
    // FileHandle.write may write less than asked, as on a disk that is nearly full.
    for (let offset = 0; offset < bytes.length; ) {
      const length = Math.min(bytes.length - offset, WRITE_BYTES)
      const { bytesWritten } = await this.#handle.write(bytes, offset, length, this.bytes)
      offset += bytesWritten
      this.bytes += bytesWritten
    }
    if (this.bytes - this.#sentTo >= SEND_BYTES) this.#send()
  }

  /** Has the disk take what is written so far, so that little is left to wait for at the end. */
  #send(): void {
    if (this.#sending !== undefined) return
    this.#sentTo = this.bytes
    this.#sending = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        this.#sending = undefined
      })
  }

  async truncate(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes)
    this.bytes = bytes
    this.#sentTo = Math.min(this.#sentTo, bytes)
  }

  async commit(): Promise<void> {
    await this.#sending
    if (this.#failure !== undefined) throw this.#failure.error
    await this.#handle.sync()
    await this.#handle.close()
    await rename(this.temporary, this.path)
    releaseTemporary(this.temporary)
    await syncFolder(dirname(this.path))
    this.#state = 'committed'
  }

  async abort(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'aborted'
    await this.#sending
    await this.#handle.close().catch(() => undefined)
    await rm(this.temporary, { force: true }).catch(() => undefined)
    releaseTemporary(this.temporary)
  }
}
