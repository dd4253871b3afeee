// How often each endpoint was called, over all lives of the state folder: one byte appended for each call. Written
// without fsync: the counts survive a killed process, and a lost byte after a power cut costs nobody a batch.

import { createReadStream, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

/** In the order of their bytes in the file: new ones go to the end. */
export const CALL_NAMES = [
  'create',
  'retrieve',
  'list',
  'results',
  'cancel',
  'delete',
  'files',
  'messages',
  'count_tokens',
  'models',
  'files_read',
] as const
export type CallName = (typeof CALL_NAMES)[number]

const FIRST_BYTE = 'a'.charCodeAt(0)

export class CallCounts {
  readonly #handle: FileHandle
  readonly #counts: Record<CallName, number>
  #total: number

  private constructor(handle: FileHandle, counts: Record<CallName, number>) {
    this.#handle = handle
    this.#counts = counts
    this.#total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  static async open(stateDir: string): Promise<CallCounts> {
    const path = join(stateDir, 'calls.log')
    const handle = await open(path, 'a')
    const counts = Object.fromEntries(CALL_NAMES.map((name) => [name, 0])) as Record<CallName, number>
    for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) {
      for (const byte of block as Buffer) {
        const name = CALL_NAMES[byte - FIRST_BYTE]
        if (name !== undefined) counts[name]++
      }
    }
    return new CallCounts(handle, counts)
  }

  /** Which call of its kind this is, counted from 1. */
  count(name: CallName): number {
    // Synchronous, so that a call that is being answered is counted, whatever happens next.
    try {
      writeSync(this.#handle.fd, String.fromCharCode(FIRST_BYTE + CALL_NAMES.indexOf(name)))
    } catch {
      // On a full disk a call that needs no disk is answered all the same; only this count ends with the process.
    }
    this.#total++
    return ++this.#counts[name]
  }

  get counts(): Readonly<Record<CallName, number>> {
    return this.#counts
  }

  get total(): number {
    return this.#total
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
