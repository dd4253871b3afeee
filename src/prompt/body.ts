// A request's body, put together from the run's constant texts and what is the request's own.

import type { BodyPart, RequestShape } from '../core/batch.ts'
import { invariant } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../core/json.ts'
import type { DocumentRef } from '../core/prompt.ts'
import { openDocument } from './document-bytes.ts'
import { createSentinels, splitAtSentinels } from './sentinel.ts'

/** Where documents lie: the project's root, and the run's own folder for PDFs that were cut. */
export interface Folders {
  readonly root: string
  readonly run: string
}

/**
 * The body's bytes. A shape without texts stands for a follow-up, whose parts are the whole body. Synchronous where there
 * are no documents; else documents are read and encoded while they are asked for, and DocumentChangedError is thrown
 * before the last bytes of one that is no longer what was planned.
 */
export function bodyChunks(
  shape: RequestShape,
  parts: readonly BodyPart[],
  folders: Folders,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  const pieces = piecesOf(shape, parts)
  const [only] = pieces
  if (pieces.length === 1 && typeof only === 'string') return [Buffer.from(only)]
  return streamPieces(pieces, folders)
}

/** The body as JSON, each document's bytes replaced by what they are: for people. */
export function bodyPreview(shape: RequestShape, parts: readonly BodyPart[]): JsonObject {
  const { json, documents } = withSentinels(piecesOf(shape, parts))
  return asBody(elide(JSON.parse(json) as Json, documents))
}

/**
 * The body after `change`, as parts of a follow-up: texts and documents alternating, the texts as they stand. `change`
 * sees a stand-in text for each document and must keep it. `added`: texts that it puts in, of which nobody knows what they
 * hold; no stand-in occurs in them.
 */
export function amendBody(
  shape: RequestShape,
  parts: readonly BodyPart[],
  change: (body: JsonObject) => JsonObject,
  added: readonly string[] = [],
): BodyPart[] {
  const { json, documents } = withSentinels(piecesOf(shape, parts), added)
  const changed = JSON.stringify(change(asBody(JSON.parse(json) as Json)))
  const sentinels = [...documents.keys()]
  const refs = [...documents.values()]
  const { texts, gaps } = splitAtSentinels(changed, sentinels)
  const amended: BodyPart[] = []
  for (const [index, text] of texts.entries()) {
    amended.push(text)
    const ref = refs[gaps[index] ?? -1]
    if (ref !== undefined) amended.push(ref)
  }
  return amended
}

/** Texts and documents in the order of the body, neighbouring texts joined. */
function piecesOf({ texts }: RequestShape, parts: readonly BodyPart[]): BodyPart[] {
  invariant(texts.length === 0 || texts.length === parts.length + 1, 'The parts of a request do not fit its shape.')
  const pieces: BodyPart[] = []
  let text = texts[0] ?? ''
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') text += part
    else {
      pieces.push(text, part)
      text = ''
    }
    text += texts[index + 1] ?? ''
  }
  pieces.push(text)
  return pieces
}

async function* streamPieces(pieces: readonly BodyPart[], folders: Folders): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (typeof piece === 'string') yield Buffer.from(piece)
    else yield* openDocument(piece, folders)
  }
}

function withSentinels(
  pieces: readonly BodyPart[],
  added: readonly string[] = [],
): { json: string; documents: Map<string, DocumentRef> } {
  const sentinel = createSentinels([...pieces.filter((piece) => typeof piece === 'string'), ...added])
  const documents = new Map<string, DocumentRef>()
  const texts = pieces.map((piece, index) => {
    if (typeof piece === 'string') return piece
    documents.set(sentinel(index), piece)
    return sentinel(index)
  })
  return { json: texts.join(''), documents }
}

function elide(value: Json, documents: ReadonlyMap<string, DocumentRef>): Json {
  if (typeof value === 'string') {
    for (const [sentinel, ref] of documents) if (value.includes(sentinel)) return { elided: describe(ref) }
    return value
  }
  if (Array.isArray(value)) return (value as JsonArray).map((item) => elide(item, documents))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, elide(member, documents)]))
}

function describe({ size, path, digest, upload }: DocumentRef): string {
  if (upload === 'files') return `the id of ${path} once it is uploaded (sha256 ${digest})`
  return `${size.toLocaleString('en-US')} bytes of ${path} (sha256 ${digest})`
}

function asBody(value: Json): JsonObject {
  invariant(isJsonObject(value), 'The body of a request is not an object.')
  return value
}
