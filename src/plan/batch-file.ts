// The files of one batch while it is being planned: its requests, and the rows of its range that were rejected.

import type { ArtifactWriter } from '../artifact/artifact.ts'
import type { PlannedBatch } from '../core/batch.ts'
import type { RejectedLine } from '../core/request-line.ts'
import {
  mostReusedBytes,
  type ReusedAnswer,
  type ReusedLine,
  reusedHead,
  writeReusedLine,
} from '../core/reused-line.ts'
import type { Row } from '../core/row.ts'
import { mostBytesOf, type PlannedLine, writeRequestLine } from '../core/write-request-line.ts'
import { LineWriter } from '../disk/line-writer.ts'

/** Each file is made when its first line comes. */
interface BatchFiles {
  requests(): Promise<ArtifactWriter>
  rejected(): Promise<ArtifactWriter>
  reused(): Promise<ArtifactWriter>
}

/** What is expected of one request. */
interface Planned {
  readonly inputTokens: number
  readonly maxOutputTokens: number
  readonly boundUsd: number
}

export class BatchFile {
  readonly #index: number
  readonly #fromOrdinal: number
  readonly #create: BatchFiles
  #requests: LineWriter | undefined
  #rejected: LineWriter | undefined
  #reused: LineWriter | undefined
  #requestCount = 0
  #rejectedCount = 0
  #reusedCount = 0
  #inputTokens = 0
  #maxOutputTokens = 0
  #boundUsd = 0
  #boundUsdOfOne = 0

  constructor(index: number, fromOrdinal: number, create: BatchFiles) {
    this.#index = index
    this.#fromOrdinal = fromOrdinal
    this.#create = create
  }

  get isEmpty(): boolean {
    return this.#requestCount === 0 && this.#rejectedCount === 0 && this.#reusedCount === 0
  }

  /** Await the answer when there is one. */
  add(line: PlannedLine, { inputTokens, maxOutputTokens, boundUsd }: Planned): Promise<void> | undefined {
    this.#requestCount += 1
    this.#inputTokens += inputTokens
    this.#maxOutputTokens += maxOutputTokens
    this.#boundUsd += boundUsd
    this.#boundUsdOfOne = Math.max(this.#boundUsdOfOne, boundUsd)
    if (this.#requests !== undefined) return write(this.#requests, line)
    return this.#create.requests().then((writer) => {
      this.#requests = new LineWriter(writer)
      return write(this.#requests, line)
    })
  }

  async reject(row: Row, reason: string): Promise<void> {
    this.#rejectedCount += 1
    this.#rejected ??= new LineWriter(await this.#create.rejected())
    const line: RejectedLine = { ordinal: row.ordinal, key: row.key, reason, row: row.fields }
    await this.#rejected.add(`${JSON.stringify(line)}\n`)
  }

  /** Whether a request that costs at most `boundUsd` may join; the first always may. */
  hasRoomFor(boundUsd: number, mostUsd: number): boolean {
    return this.#requestCount === 0 || this.#boundUsd + boundUsd <= mostUsd
  }

  get requests(): number {
    return this.#requestCount
  }

  get reused(): number {
    return this.#reusedCount
  }

  /** Await the answer when there is one. */
  reuse(answer: ReusedAnswer, row: Omit<ReusedLine, keyof ReusedAnswer>): Promise<void> | undefined {
    this.#reusedCount += 1
    if (this.#reused !== undefined) return writeReused(this.#reused, answer, row)
    return this.#create.reused().then((writer) => {
      this.#reused = new LineWriter(writer)
      return writeReused(this.#reused, answer, row)
    })
  }

  async close(bytes: number, toOrdinal: number): Promise<PlannedBatch> {
    const rejectedDigest = (await this.#rejected?.commit()) ?? ''
    const reusedDigest = await this.#reused?.commit()
    const digest = (await this.#requests?.commit()) ?? rejectedDigest
    return {
      index: this.#index,
      requests: this.#requestCount,
      rejected: this.#rejectedCount,
      ...(reusedDigest === undefined ? {} : { reused: this.#reusedCount, reusedDigest }),
      bytes: this.#requestCount === 0 ? 0 : bytes,
      fromOrdinal: this.#fromOrdinal,
      toOrdinal,
      digest,
      inputTokens: this.#inputTokens,
      maxOutputTokens: this.#maxOutputTokens,
      boundUsd: this.#boundUsd,
      boundUsdOfOne: this.#boundUsdOfOne,
    }
  }

  async abort(): Promise<void> {
    await this.#requests?.abort()
    await this.#rejected?.abort()
    await this.#reused?.abort()
  }
}

function write(file: LineWriter, line: PlannedLine): Promise<void> | undefined {
  return file.fill(mostBytesOf(line), (into, at) => writeRequestLine(into, at, line))
}

function writeReused(
  file: LineWriter,
  answer: ReusedAnswer,
  row: Omit<ReusedLine, keyof ReusedAnswer>,
): Promise<void> | undefined {
  const head = reusedHead(row, answer)
  return file.fill(mostReusedBytes(head, row.row, answer.line), (into, at) =>
    writeReusedLine(into, at, head, row.row, answer.line),
  )
}
