// Where each request of a batch lies in the body as it was sent: one record of fixed size a request, in sent order.

import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'

/** 6 bytes offset of `params`, 4 its length, 1 length of the custom_id, 64 the custom_id. */
const RECORD = 75
const BUFFERED = 512

export interface IndexedRequest {
  readonly customId: string
  /** Where the JSON of `params` begins in the body, and its length in bytes. */
  readonly start: number
  readonly length: number
}

export class RequestIndexWriter {
  readonly #handle: FileHandle
  readonly #block = Buffer.alloc(RECORD * BUFFERED)
  #held = 0
  count = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async create(path: string): Promise<RequestIndexWriter> {
    return new RequestIndexWriter(await open(path, 'wx'))
  }

  /** Undefined, or what to wait for before the next one. */
  add(request: IndexedRequest): Promise<void> | undefined {
    const at = this.#held * RECORD
    this.#block.writeUIntLE(request.start, at, 6)
    this.#block.writeUInt32LE(request.length, at + 6)
    this.#block[at + 10] = this.#block.write(request.customId, at + 11, 64, 'latin1')
    this.#held++
    this.count++
    return this.#held === BUFFERED ? this.#flush() : undefined
  }

  async commit(): Promise<void> {
    await this.#flush()
    await this.#handle.sync()
    await this.#handle.close()
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
  }

  async #flush(): Promise<void> {
    const bytes = this.#held * RECORD
    this.#held = 0
    for (let written = 0; written < bytes; ) {
      written += (await this.#handle.write(this.#block, written, bytes - written)).bytesWritten
    }
  }
}

/** All records at once: 75 bytes a request. */
export class RequestIndex {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  static async read(path: string): Promise<RequestIndex> {
    return new RequestIndex(await readFile(path))
  }

  get count(): number {
    return Math.floor(this.#bytes.length / RECORD)
  }

  at(ordinal: number): IndexedRequest {
    const at = ordinal * RECORD
    return {
      customId: this.customIdAt(ordinal),
      start: this.#bytes.readUIntLE(at, 6),
      length: this.#bytes.readUInt32LE(at + 6),
    }
  }

  customIdAt(ordinal: number): string {
    const at = ordinal * RECORD
    return this.#bytes.toString('latin1', at + 11, at + 11 + (this.#bytes[at + 10] as number))
  }
}

/** Reads the slices of a body in any order. Synchronous: the pages were just written, and 100,000 awaits cost more. */
export class SliceReader {
  readonly #descriptor: number
  #memory = Buffer.allocUnsafe(64 * 1024)

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
  }

  /** A view that the next call overwrites. */
  read(start: number, length: number): Buffer {
    if (length > this.#memory.length) this.#memory = Buffer.allocUnsafe(length)
    let read = 0
    while (read < length) {
      const bytes = readSync(this.#descriptor, this.#memory, read, length - read, start + read)
      if (bytes === 0) throw new Error('The stored requests of a batch are shorter than their index says.')
      read += bytes
    }
    const view = this.#memory.subarray(0, length)
    // A large document's memory is not kept for the small requests after it.
    if (this.#memory.length > 1024 * 1024) this.#memory = Buffer.allocUnsafe(64 * 1024)
    return view
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
