// Reads the request file of an attempt, and answers which row a custom_id of it names.

import { createHash, type Hash } from 'node:crypto'
import type { ArtifactStore } from '../artifact/artifact.ts'
import { customIdOf, ordinalOfCustomId } from '../core/custom-id.ts'
import { runFiles } from '../core/names.ts'
import {
  parseRequestHead,
  parseRequestLine,
  type RequestHead,
  type RequestLine,
  type StoredLine,
} from '../core/request-line.ts'
import type { RunHeader } from '../core/run.ts'
import { wholeLines } from '../disk/lines.ts'

/** A body is at most 32 MB, and a row's fields stand beside it. */
export const MAX_LINE_BYTES = 256_000_000

/** Thrown when a request file is not what was planned: the run cannot send from it. */
export class PlanDamagedError extends Error {
  constructor(run: string, name: string) {
    super(
      `The file ${name} of run ${run} is not what was planned: its sha256 differs, so it was changed or damaged. ` +
        'Nothing was sent from it. Restore it from a backup, or plan the job again with --new.',
    )
    this.name = 'PlanDamagedError'
  }
}

/**
 * The lines of an attempt's request file, in order of their ordinals; each stays good for as long as it is held. Throws
 * PlanDamagedError for a line that is none, and at the end if `digest` differs.
 */
export function readRequests(
  artifacts: ArtifactStore,
  run: string,
  index: number,
  attempt: number,
  digest?: string,
): AsyncGenerator<StoredLine> {
  return readLines(artifacts, run, runFiles.requests(index, attempt), parseRequestLine, { digest })
}

/** The same without the bodies. */
export function readHeads(
  artifacts: ArtifactStore,
  run: string,
  index: number,
  attempt: number,
): AsyncGenerator<RequestHead> {
  return readLines(artifacts, run, runFiles.requests(index, attempt), parseRequestHead, { reuse: true })
}

/** Throws PlanDamagedError unless the attempt's request file is what was planned. */
export async function verifyRequests(
  artifacts: ArtifactStore,
  run: string,
  { index, attempt, digest }: { readonly index: number; readonly attempt: number; readonly digest: string },
  signal: AbortSignal,
): Promise<void> {
  const name = runFiles.requests(index, attempt)
  const hash = createHash('sha256')
  for await (const piece of artifacts.read(run, name, undefined, { reuse: true })) {
    signal.throwIfAborted()
    hash.update(piece)
  }
  if (hash.digest('hex') !== digest) throw new PlanDamagedError(run, name)
}

async function* readLines<T>(
  artifacts: ArtifactStore,
  run: string,
  name: string,
  parse: Parse<T>,
  options: ReadOptions,
): AsyncGenerator<T> {
  for await (const lines of readBlocks(artifacts, run, name, parse, options)) yield* lines
}

/** Of a line that lies in `memory` from `start` to `end`. */
type Parse<T> = (memory: Buffer, damaged: () => Error, start: number, end: number) => T

interface ReadOptions {
  /** sha256 of the whole file, to be checked at its end; absent: it was checked before. */
  readonly digest?: string | undefined
  /** What is made of a line does not hold on to its memory. */
  readonly reuse?: boolean
}

/** The same lines in blocks, for those who would wait too often for one at a time; good until the next block is asked for. */
export function requestBlocks(
  artifacts: ArtifactStore,
  run: string,
  index: number,
  attempt: number,
): AsyncGenerator<Iterable<StoredLine>> {
  return readBlocks(artifacts, run, runFiles.requests(index, attempt), parseRequestLine, { reuse: true })
}

async function* readBlocks<T>(
  artifacts: ArtifactStore,
  run: string,
  name: string,
  parse: Parse<T>,
  { digest, reuse = false }: ReadOptions,
): AsyncGenerator<Iterable<T>> {
  const hash = digest === undefined ? undefined : createHash('sha256')
  const damaged = (): Error => new PlanDamagedError(run, name)
  const pieces = hashed(artifacts.read(run, name, undefined, { reuse }), hash)
  for await (const block of wholeLines(pieces, MAX_LINE_BYTES, damaged)) yield parsed(block, parse, damaged)
  if (hash !== undefined && hash.digest('hex') !== digest) throw damaged()
}

function* parsed<T>(block: Buffer, parse: Parse<T>, damaged: () => Error): Generator<T> {
  for (let start = 0; start < block.length; ) {
    const newline = block.indexOf(NEWLINE, start)
    const end = newline < 0 ? block.length : newline
    yield parse(block, damaged, start, end)
    start = end + 1
  }
}

const NEWLINE = 10

/** Hashes the pieces on their way: a call for each line would cost more than the hash. */
async function* hashed(pieces: AsyncIterable<Uint8Array>, hash: Hash | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hash?.update(piece)
    yield piece
  }
}

export function customIdOfLine(header: RunHeader, line: Pick<RequestLine, 'key' | 'ordinal'>): string {
  return header.job.batch.customId === 'exact' ? line.key : customIdOf(line.key, header.tag, line.ordinal)
}

/** Whether a custom_id could only have been made by this run; never true with `custom_id: exact`. */
export function customIdIsOf(header: RunHeader, customId: string): boolean {
  return header.job.batch.customId !== 'exact' && ordinalOfCustomId(customId, header.tag) !== undefined
}
