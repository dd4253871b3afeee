// Sorts any number of texts by a key in bounded memory: sorted runs on disk, merged.

import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvariantError } from '../core/errors.ts'
import { lineBlocks } from '../disk/lines.ts'

export interface SortedEntry {
  /** JSON texts: so neither contains a tab or a line break. */
  readonly key: string
  readonly text: string
}

/** What a run holds in memory, in characters; below it nothing is written. */
const RUN_LENGTH = 32 * 1024 * 1024
/** Files that are read at a time. */
const MAX_RUNS = 64
const WRITE_LENGTH = 256 * 1024
const MAX_LINE_BYTES = 1024 * 1024 * 1024

/** The entries in the order of their keys (by UTF-16 units); equal keys in the order in which they came. */
export async function* sortEntries(
  entries: AsyncIterable<SortedEntry>,
  runLength: number = RUN_LENGTH,
): AsyncGenerator<SortedEntry> {
  const runs = new Runs()
  try {
    let held: SortedEntry[] = []
    let length = 0
    for await (const entry of entries) {
      held.push(entry)
      length += entry.key.length + entry.text.length
      if (length < runLength) continue
      await runs.add(inMemory(held))
      held = []
      length = 0
    }
    if (runs.isEmpty) yield* inMemory(held)
    else {
      await runs.add(inMemory(held))
      yield* runs.merged()
    }
  } finally {
    await runs.remove()
  }
}

function inMemory(entries: SortedEntry[]): SortedEntry[] {
  // The sort is stable.
  return entries.sort((a, b) => compare(a.key, b.key))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Sorted runs, in the order in which their entries came. */
class Runs {
  #folder: string | undefined
  #paths: string[] = []
  #count = 0

  get isEmpty(): boolean {
    return this.#paths.length === 0
  }

  async add(entries: Iterable<SortedEntry> | AsyncIterable<SortedEntry>): Promise<void> {
    if (this.#paths.length >= MAX_RUNS) {
      const old = this.#paths
      const all = await this.#write(merge(old))
      for (const path of old) await rm(path)
      this.#paths = [all]
    }
    this.#paths.push(await this.#write(entries))
  }

  merged(): AsyncGenerator<SortedEntry> {
    return merge(this.#paths)
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  async #write(entries: Iterable<SortedEntry> | AsyncIterable<SortedEntry>): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'batchwright-sort-'))
    const path = join(this.#folder, `run-${this.#count++}`)
    const file = await open(path, 'w')
    try {
      let text = ''
      for await (const entry of entries) {
        text += `${entry.key}\t${entry.text}\n`
        if (text.length < WRITE_LENGTH) continue
        await file.writeFile(text)
        text = ''
      }
      await file.writeFile(text)
    } finally {
      await file.close()
    }
    return path
  }
}

async function* merge(paths: readonly string[]): AsyncGenerator<SortedEntry> {
  const readers = paths.map((path) => readRun(path))
  const heads: (SortedEntry | undefined)[] = []
  try {
    for (const reader of readers) heads.push(await nextOf(reader))
    for (;;) {
      let least = -1
      for (let i = 0; i < heads.length; i++) {
        const head = heads[i]
        const best = heads[least]
        // The earlier run wins a tie, which keeps the order of equal keys.
        if (head !== undefined && (best === undefined || compare(head.key, best.key) < 0)) least = i
      }
      const next = heads[least]
      const reader = readers[least]
      if (next === undefined || reader === undefined) return
      yield next
      heads[least] = await nextOf(reader)
    }
  } finally {
    for (const reader of readers) await reader.return(undefined)
  }
}

async function nextOf(reader: AsyncGenerator<SortedEntry>): Promise<SortedEntry | undefined> {
  const step = await reader.next()
  return step.done === true ? undefined : step.value
}

async function* readRun(path: string): AsyncGenerator<SortedEntry> {
  const tooLong = (): Error => new InvariantError('a line of a sorted run is too long')
  for await (const lines of lineBlocks(createReadStream(path), MAX_LINE_BYTES, tooLong)) {
    for (const line of lines) {
      const tab = line.indexOf(9)
      yield { key: line.toString('utf8', 0, tab), text: line.toString('utf8', tab + 1) }
    }
  }
}
