// The list of files that a delivery wrote, streamed to disk and back: it may name more files than fit in memory.

import { createReadStream } from 'node:fs'
import { mkdir, open, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createAtomicFile } from '../disk/atomic-file.ts'
import { lineBlocks } from '../disk/lines.ts'

const LINE_BYTES = 1 << 26
const BUFFER_CHARACTERS = 1 << 16

/** One file: its path relative to the sink's folder, and the key of the row it belongs to. */
export interface ManifestEntry {
  readonly file: string
  readonly key: string
}

/** A manifest that is being written. It lives as long as the process and needs no fsync. */
export class Manifest {
  readonly path: string
  #buffer = ''
  #bytes = 0

  constructor(path: string) {
    this.path = path
  }

  async add(entry: ManifestEntry): Promise<void> {
    this.#buffer += lineOf(entry)
    if (this.#buffer.length >= BUFFER_CHARACTERS) await this.flush()
  }

  /** The position of the next line: where a part begins. */
  async position(): Promise<number> {
    await this.flush()
    return this.#bytes
  }

  /** Takes back what was added since that position. */
  async truncate(position: number): Promise<void> {
    await this.flush()
    await truncate(this.path, position)
    this.#bytes = position
  }

  async flush(): Promise<void> {
    const bytes = Buffer.from(this.#buffer)
    this.#buffer = ''
    await mkdir(dirname(this.path), { recursive: true })
    const file = await open(this.path, 'a')
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
    this.#bytes += bytes.length
  }
}

/** Yields the entries of a manifest in blocks, from a position on; nothing where there is no manifest. */
export async function* readManifest(path: string, from = 0): AsyncGenerator<ManifestEntry[]> {
  const tooLong = (line: number): Error => new Error(`Line ${line} of ${path} is longer than a manifest's lines are.`)
  try {
    const pieces = createReadStream(path, { start: from, highWaterMark: BUFFER_CHARACTERS })
    for await (const lines of lineBlocks(pieces, LINE_BYTES, tooLong)) {
      yield lines.map((line) => {
        const [file, key] = JSON.parse(line.toString()) as [string, string]
        return { file, key }
      })
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Writes the manifests one after the other to `path`, at once and durably; missing ones count as empty. */
export async function storeManifest(path: string, parts: readonly string[]): Promise<void> {
  const file = await createAtomicFile(path)
  try {
    for (const part of parts) {
      for await (const entries of readManifest(part)) await file.write(Buffer.from(entries.map(lineOf).join('')))
    }
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}

function lineOf(entry: ManifestEntry): string {
  return `${JSON.stringify([entry.file, entry.key])}\n`
}
