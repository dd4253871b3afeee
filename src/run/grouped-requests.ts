// The requests of an attempt in the order in which caching serves them best: those of the same documents one after the
// other. Files, results and outcomes keep the order of the dataset; only the body of the create call has this one.

import type { ArtifactStore } from '../artifact/artifact.ts'
import { runFiles } from '../core/names.ts'
import { parseRequestLine, type StoredLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { MAX_LINE_BYTES, PlanDamagedError } from './request-file.ts'

/** Lines that are read before the first of them is sent. */
const BLOCK = 64

/** The first `due` lines of the attempt's request file, a few at a time. Holds three numbers a line, not the lines. */
export async function* groupedRequests(
  artifacts: ArtifactStore,
  run: string,
  { index, attempt }: Pick<BatchState, 'index' | 'attempt'>,
  due: number,
): AsyncGenerator<Iterable<StoredLine>> {
  const name = runFiles.requests(index, attempt)
  const damaged = (): Error => new PlanDamagedError(run, name)
  const places = await placesOf(artifacts.read(run, name), due, damaged)
  const file = await artifacts.open(run, name)
  try {
    for (let at = 0; at < places.length; at += BLOCK) {
      const lines: StoredLine[] = []
      for (const { start, end } of places.slice(at, at + BLOCK))
        lines.push(parseRequestLine(await file.read(start, end), damaged))
      yield lines
    }
  } finally {
    await file.close()
  }
}

/** Where a line lies in the file, and which documents it has. */
interface Place {
  readonly start: number
  readonly end: number
  readonly documents: string
}

/** Sorted by documents, the first of them first; lines of the same ones stay in the order of the dataset. */
async function placesOf(pieces: AsyncIterable<Uint8Array>, due: number, damaged: () => Error): Promise<Place[]> {
  const names = new Map<string, string>()
  const places: Place[] = []
  let start = 0
  for await (const lines of lineBlocks(pieces, MAX_LINE_BYTES, damaged)) {
    for (const line of lines) {
      if (places.length >= due) break
      const name = documentsOf(parseRequestLine(line, damaged))
      // One text for each combination, however many lines have it.
      const documents = names.get(name) ?? name
      names.set(name, documents)
      places.push({ start, end: start + line.length, documents })
      start += line.length + 1
    }
  }
  return places.sort((a, b) => (a.documents < b.documents ? -1 : a.documents > b.documents ? 1 : a.start - b.start))
}

function documentsOf({ parts }: StoredLine): string {
  return parts
    .map((part) => (typeof part === 'string' ? '' : part.digest))
    .join(' ')
    .trim()
}
