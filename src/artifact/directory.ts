// Keeps a run's large files in a folder: one folder for each run, one file for each name.

import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunId } from '../core/batch.ts'
import { invariant, messageOf } from '../core/errors.ts'
import { checkedRunId, isRunId } from '../core/run-id.ts'
import { createAtomicFile, syncFolder } from '../disk/atomic-file.ts'
import { BLOCK_BYTES, givePiece, openDirect, PIECE_BYTES, takePiece } from '../disk/page-memory.ts'
import { ArtifactMissingError, type ArtifactReader, type ArtifactStore } from './artifact.ts'

/** The folder is made with the first file; it need not exist before. */
export function createDirectoryArtifacts(folder: string): ArtifactStore {
  const runFolder = (run: RunId): string => join(folder, checkedRunId(run))
  const pathOf = (run: RunId, name: string): string => join(runFolder(run), ...checkedName(name))

  return {
    async create(run, name, options) {
      const path = pathOf(run, name)
      try {
        return await createAtomicFile(path, options)
      } catch (error) {
        throw new Error(
          `${path} cannot be created: ${messageOf(error)}. Check that its folder can be written and that the disk has room.`,
          { cause: error },
        )
      }
    },
    read(run, name, range, options) {
      return readPieces(run, name, pathOf(run, name), range, options?.reuse === true)
    },
    async open(run, name, options) {
      const path = pathOf(run, name)
      return new DirectoryReader(run, name, path, await openFile(run, name, path), options?.goesDirect === true)
    },
    async size(run, name) {
      return (await unlessMissing(stat(pathOf(run, name))))?.size
    },
    async remove(run, name) {
      await rm(pathOf(run, name), { force: true })
    },
    async removeRun(run) {
      await rm(runFolder(run), { recursive: true, force: true })
      await unlessMissing(syncFolder(folder))
    },
    async runs() {
      const entries = (await unlessMissing(readdir(folder, { withFileTypes: true }))) ?? []
      return entries.filter((entry) => entry.isDirectory() && isRunId(entry.name)).map((entry) => entry.name)
    },
  }
}

async function* readPieces(
  run: RunId,
  name: string,
  path: string,
  range: { start: number; end: number } | undefined,
  isReused: boolean,
): AsyncGenerator<Uint8Array> {
  const handle = await openFile(run, name, path)
  const memory = isReused ? [takePiece(), takePiece()] : []
  let reading = NO_PIECE
  try {
    const end = range?.end ?? Number.POSITIVE_INFINITY
    // Elsewhere a new piece each time: a reader may hold on to what it was given.
    const start = (at: number, turn: number): Promise<Piece> => {
      const size = Math.min(PIECE_BYTES, end - at)
      const bytes = memory[turn % 2]?.subarray(0, size) ?? Buffer.allocUnsafeSlow(size)
      const piece = fill(handle, bytes, at).then((filled) => ({ bytes, filled }))
      // Whoever stops here hears no more of it.
      piece.catch(() => undefined)
      return piece
    }
    reading = start(range?.start ?? 0, 0)
    for (let at = range?.start ?? 0, turn = 1; at < end; turn += 1) {
      const { bytes, filled }: Piece = await reading
      at += filled
      const isWhole = filled === bytes.length
      // The next piece is read while this one is worked on.
      reading = isWhole && at < end ? start(at, turn) : NO_PIECE
      if (filled > 0) yield bytes.subarray(0, filled)
      if (isWhole) continue
      if (Number.isFinite(end)) throw cutShort(run, name, at, end)
      return
    }
  } finally {
    await reading.catch(() => undefined)
    for (const piece of memory) givePiece(piece)
    await handle.close()
  }
}

interface Piece {
  readonly bytes: Buffer
  readonly filled: number
}

const NO_PIECE: Promise<Piece> = Promise.resolve({ bytes: Buffer.alloc(0), filled: 0 })

/** For less a direct read is not worth it. */
const LEAST_DIRECT_BYTES = 64 * 1024

class DirectoryReader implements ArtifactReader {
  readonly #run: RunId
  readonly #name: string
  readonly #path: string
  readonly #handle: FileHandle
  /** undefined: not opened yet; null: all is read through the cache. */
  #direct: Promise<FileHandle | null> | undefined | null

  constructor(run: RunId, name: string, path: string, handle: FileHandle, goesDirect: boolean) {
    this.#run = run
    this.#name = name
    this.#path = path
    this.#handle = handle
    this.#direct = goesDirect ? undefined : null
  }

  async read(start: number, end: number, into?: Uint8Array): Promise<Uint8Array> {
    const size = end - start
    if (into !== undefined && size >= LEAST_DIRECT_BYTES && this.#direct !== null) {
      const read = await this.#readDirectly(start, end, into)
      if (read !== undefined) return read
    }
    const bytes = into !== undefined && into.length >= size ? into.subarray(0, size) : Buffer.allocUnsafeSlow(size)
    const filled = await fill(this.#handle, bytes, start)
    if (filled < bytes.length) throw cutShort(this.#run, this.#name, start + filled, end)
    return bytes
  }

  async close(): Promise<void> {
    await (await this.#direct)?.close()
    this.#direct = null
    await this.#handle.close()
  }

  /** undefined: the system does not read these bytes directly. */
  async #readDirectly(start: number, end: number, into: Uint8Array): Promise<Uint8Array | undefined> {
    const from = start - (start % BLOCK_BYTES)
    const size = Math.ceil((end - from) / BLOCK_BYTES) * BLOCK_BYTES
    if (size > into.length) return undefined
    this.#direct ??= openDirect(this.#path, constants.O_RDONLY)
    const handle = await this.#direct
    if (handle === null) return undefined
    try {
      // Behind the end of the file there is less than a block.
      const { bytesRead } = await handle.read(into, 0, size, from)
      return bytesRead < end - from ? undefined : into.subarray(start - from, end - from)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
      return undefined
    }
  }
}

/** Reads until the buffer is full or the file ends; the number of bytes read. */
async function fill(handle: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

function cutShort(run: RunId, name: string, actual: number, wanted: number): Error {
  return new Error(
    `${name} of run ${run} is cut short: it ends after ${actual} bytes and at least ${wanted} are expected. It was changed or truncated after it was written.`,
  )
}

async function openFile(run: RunId, name: string, path: string): Promise<FileHandle> {
  const handle = await unlessMissing(open(path, 'r'))
  if (handle === undefined) throw new ArtifactMissingError(run, name)
  return handle
}

/** undefined for what is not there; every other failure is thrown. */
async function unlessMissing<T>(doing: Promise<T>): Promise<T | undefined> {
  try {
    return await doing
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Names are ours alone, so a bad one is our own mistake. */
function checkedName(name: string): string[] {
  const steps = name.split('/')
  invariant(
    steps.every((step) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(step)),
    `"${name}" is no artifact name: a relative path of letters, digits, ".", "_" and "-".`,
  )
  return steps
}
