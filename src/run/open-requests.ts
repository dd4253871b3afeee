// The requests of an attempt on their way out, from its request file.

import { InvariantError } from '../core/errors.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { bodyChunks } from '../prompt/body.ts'
import type { OutgoingRequest } from '../provider/provider.ts'
import { groupedRequests } from './grouped-requests.ts'
import { shapeOf, type UploadedIds, withIds } from './line-body.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, requestBlocks } from './request-file.ts'

/** What is left of an attempt once its documents have been looked at. */
export interface Ready {
  /** Rows that are not sent because a document is no longer what was planned: ordinal → why. */
  readonly withdrawn: ReadonlyMap<number, string>
  readonly uploads: UploadedIds
}

export class OpenRequests {
  readonly #context: RunContext
  readonly #state: BatchState
  readonly #ready: Ready
  /** The constant texts of each shape, encoded once. */
  readonly #texts = new Map<number, readonly Uint8Array[]>()
  readonly #hasDocuments: boolean
  #seen = 0

  constructor(context: RunContext, state: BatchState, ready: Ready) {
    this.#context = context
    this.#state = state
    this.#ready = ready
    this.#hasDocuments = context.header.job.documents.length > 0
  }

  async *blocks(): AsyncGenerator<Iterable<OutgoingRequest>> {
    for await (const lines of this.#lines()) {
      yield this.#requestsOf(lines)
      if (this.#seen >= this.#due) return
    }
  }

  /** Rows that share a cached document travel together: what one has written to the cache the next can read. */
  #lines(): AsyncGenerator<Iterable<StoredLine>> {
    const { artifacts, header } = this.#context
    const { index, attempt } = this.#state
    const isCached = header.job.documents.some(({ cache }) => cache !== undefined)
    return isCached
      ? groupedRequests(artifacts, header.run, this.#state, this.#due)
      : requestBlocks(artifacts, header.run, index, attempt)
  }

  get #due(): number {
    return this.#state.take ?? this.#state.requests
  }

  *#requestsOf(lines: Iterable<StoredLine>): Generator<OutgoingRequest> {
    for (const line of lines) {
      if (this.#seen >= this.#due) return
      this.#seen += 1
      if (!this.#ready.withdrawn.has(line.ordinal)) yield this.#requestOf(line)
    }
  }

  #requestOf(line: StoredLine): OutgoingRequest {
    const customId = customIdOfLine(this.#context.header, line)
    if (this.#hasDocuments) return this.#streamed(line, customId)
    return new WholeRequest(line, customId, this.#textsOf(line), () => this.#streamed(line, customId).body())
  }

  /** Documents are read and encoded while they are sent. */
  #streamed(line: StoredLine, customId: string): OutgoingRequest {
    const { bytes, parts } = withIds(line, this.#ready.uploads)
    const shape = shapeOf(this.#context, line)
    return { customId, bytes, body: () => bodyChunks(shape, parts, this.#context.folders) }
  }

  #textsOf(line: StoredLine): readonly Uint8Array[] {
    let texts = this.#texts.get(line.shape)
    if (texts === undefined) {
      texts = shapeOf(this.#context, line).texts.map((text) => Buffer.from(text))
      this.#texts.set(line.shape, texts)
    }
    return texts
  }
}

/** A request whose body is copied out of the plan at once. */
class WholeRequest implements OutgoingRequest {
  readonly customId: string
  readonly bytes: number
  readonly body: OutgoingRequest['body']
  readonly #line: StoredLine
  readonly #texts: readonly Uint8Array[]

  constructor(line: StoredLine, customId: string, texts: readonly Uint8Array[], body: OutgoingRequest['body']) {
    this.customId = customId
    this.bytes = line.bytes
    this.body = body
    this.#line = line
    this.#texts = texts
  }

  copyBody(into: Uint8Array, at: number): void {
    const end = this.#line.copyBody(this.#texts, into, at)
    if (end !== at + this.bytes) {
      throw new InvariantError(`The body of row "${this.#line.key}" is not as long as it was planned.`)
    }
  }
}
