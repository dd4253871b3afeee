// Documents that are uploaded once: which file of the provider holds which content, whatever row, run or job sent it.

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import pLimit from 'p-limit'
import type { BodyPart } from '../core/batch.ts'
import { RefusedError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { DocumentRef } from '../core/prompt.ts'
import { checkpointKeys, type RunIdentity } from '../core/run.ts'
import { DocumentChangedError, openRaw } from '../prompt/document-bytes.ts'
import type { FilesApi, OutgoingFile, RemoteFile } from '../provider/provider.ts'
import type { LiveContext } from './ports.ts'

/** What is stored of an upload. Times are milliseconds since 1970. */
export interface UploadEntry {
  readonly id: string
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** How long a file is kept at the provider. */
const KEEP_SECONDS = 30 * 24 * 3600
/** A file must live until its batch has ended, which may take a day, and be there for what is asked again. */
const NEEDED_MS = 36 * 3600 * 1000
const UPLOADS_AT_ONCE = 4

/** The provider was out of reach, or answered strangely; trying again later may help. */
export class UploadError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'UploadError'
  }
}

/** The id of an uploaded document, or why its content cannot be uploaded. */
export type Uploaded = { readonly id: string } | { readonly problem: string }

/** Whose files these are: a file is visible to one workspace of one provider; without its name, to one key. */
export function uploadScope({ provider, baseUrl, workspace, keyFingerprint }: RunIdentity): string {
  const name = JSON.stringify([provider, baseUrl, workspace ?? keyFingerprint])
  return createHash('sha256').update(name).digest('hex').slice(0, 16)
}

/** Names a content as it is uploaded: the same bytes sent as another kind are another file. */
export function uploadName(ref: DocumentRef): string {
  return `${ref.digest}-${mediaTypeOf(ref).replaceAll(/[^a-z0-9]+/gi, '-')}`
}

/** A document that is sent by the id of an uploaded file. */
export function isUpload(part: BodyPart): part is DocumentRef & { readonly upload: 'files' } {
  return typeof part !== 'string' && part.upload === 'files'
}

export class Uploads {
  readonly #context: Pick<LiveContext, 'store' | 'folders' | 'notify'>
  readonly #files: FilesApi
  readonly #scope: string
  readonly #limit = pLimit(UPLOADS_AT_ONCE)
  /** Contents that this process has looked up or uploaded, or is about to; a failure is forgotten. */
  readonly #known = new Map<string, Promise<Uploaded>>()

  constructor(context: Pick<LiveContext, 'store' | 'folders' | 'notify'>, files: FilesApi, scope: string) {
    this.#context = context
    this.#files = files
    this.#scope = scope
  }

  /**
   * The ids of documents, by `uploadName`: those of files that still live, and of new ones for all others. Throws what
   * the provider refuses or the network spoils; what was uploaded by then is remembered.
   */
  async resolve(refs: ReadonlyMap<string, DocumentRef>, signal: AbortSignal): Promise<Map<string, Uploaded>> {
    const unknown = new Map([...refs].filter(([name]) => !this.#known.has(name)))
    if (unknown.size > 0) {
      const living = this.#living([...unknown.keys()], signal)
      for (const [name, ref] of unknown) {
        const uploaded = living.then(async (ids) => {
          const id = ids.get(name)
          return id === undefined ? this.#limit(() => this.#upload(name, ref, signal)) : { id }
        })
        this.#known.set(name, uploaded)
        uploaded.catch(() => this.#known.delete(name))
      }
    }
    const names = [...refs.keys()]
    const ends = await Promise.allSettled(names.map((name) => this.#known.get(name)))
    const resolved = new Map<string, Uploaded>()
    for (const [at, end] of ends.entries()) {
      if (end.status === 'rejected') throw end.reason
      resolved.set(names[at] as string, end.value as Uploaded)
    }
    return resolved
  }

  /** Ids that the store knows and the provider confirms, for as long as a batch may need them. */
  async #living(names: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
    const stored = new Map<string, string>()
    for (const name of names) {
      const entry = (await this.#context.store.read(this.#key(name))) as unknown as UploadEntry | undefined
      if (entry !== undefined) stored.set(name, entry.id)
    }
    if (stored.size === 0) return stored
    const { now, files } = await reached(this.#files.find([...stored.values()], signal))
    const living = new Set(files.filter((file) => livesAfter(file, now + NEEDED_MS)).map(({ id }) => id))
    for (const [name, id] of stored) if (!living.has(id)) stored.delete(name)
    return stored
  }

  async #upload(name: string, ref: DocumentRef, signal: AbortSignal): Promise<Uploaded> {
    signal.throwIfAborted()
    const { store, folders } = this.#context
    try {
      const file: OutgoingFile = {
        name: basename(ref.path),
        mediaType: mediaTypeOf(ref),
        bytes: await this.#lengthOf(ref),
        digest: ref.digest,
        keepSeconds: KEEP_SECONDS,
        open: () => openRaw(ref, folders),
      }
      const { id, createdAt, expiresAt } = await reached(this.#files.upload(file, signal))
      // A crash before this line costs a file that nobody uses and that expires by itself.
      await store.write(this.#key(name), { id, createdAt, expiresAt } satisfies UploadEntry as Json)
      return { id }
    } catch (error) {
      const problem = problemOf(ref, error)
      if (problem !== undefined) return { problem }
      throw error
    }
  }

  /** A text is uploaded as UTF-8, which may be longer or shorter than its file. */
  async #lengthOf(ref: DocumentRef): Promise<number> {
    if (ref.encoding === 'base64') return ref.size
    let bytes = 0
    for await (const piece of openRaw(ref, this.#context.folders)) bytes += piece.length
    return bytes
  }

  #key(name: string): string {
    return checkpointKeys.upload(this.#scope, name)
  }
}

/** Tells faults of the connection from those of our own disk. */
async function reached<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const isOurs = error instanceof DocumentChangedError || (error as NodeJS.ErrnoException).syscall !== undefined
    throw error instanceof RefusedError || isOurs ? error : new UploadError(error)
  }
}

function livesAfter(file: RemoteFile, time: number): boolean {
  return file.expiresAt === null || file.expiresAt > time
}

function mediaTypeOf({ kind, mediaType }: DocumentRef): string {
  return kind === 'text' ? 'text/plain' : mediaType
}

/** What is wrong with this one document; undefined: the fault is not the document's. */
function problemOf(ref: DocumentRef, error: unknown): string | undefined {
  if (error instanceof DocumentChangedError) return error.message
  if (error instanceof RefusedError && (error.refusal === 'invalid' || error.refusal === 'too_large')) {
    return `The document ${ref.path} was not taken by the provider's Files API: ${error.message}`
  }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EISDIR') return `The document ${ref.path} cannot be read any more (${code}).`
  return undefined
}
