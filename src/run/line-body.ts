// What a line of a request file says of its body, and what the run adds to it.

import { InvariantError, invariant } from '../core/errors.ts'
import type { RequestLine } from '../core/request-line.ts'
import type { RunContext } from './ports.ts'
import { isUpload, type Uploaded, uploadName } from './uploads.ts'

/** What a line says of its body. */
export type LineBody = Pick<RequestLine, 'shape' | 'bytes' | 'parts'>

/** The body with the ids of its uploaded documents in place, and its exact length. */
export function withIds(line: LineBody, uploads: UploadedIds): LineBody {
  if (uploads.size === 0 || !line.parts.some(isUpload)) return line
  const { shape } = line
  let { bytes } = line
  const parts = line.parts.map((part) => {
    if (!isUpload(part)) return part
    const uploaded = uploads.get(uploadName(part))
    invariant(uploaded !== undefined && 'id' in uploaded, `The document ${part.path} was not uploaded.`)
    const id = JSON.stringify(uploaded.id).slice(1, -1)
    bytes += Buffer.byteLength(id) - part.bytes
    return id
  })
  return { shape, bytes, parts }
}

/** Ids of uploaded documents by `uploadName`. */
export type UploadedIds = ReadonlyMap<string, Uploaded>

/** The constant texts of a line; a follow-up (shape -1) brings all its texts itself. */
export function shapeOf(
  context: Pick<RunContext, 'header'>,
  line: Pick<RequestLine, 'shape'>,
): { texts: readonly string[] } {
  if (line.shape === -1) return WHOLE_BODY
  const shape = context.header.shapes[line.shape]
  if (shape === undefined) throw new InvariantError(`The plan of ${context.header.run} has no shape ${line.shape}.`)
  return shape
}

const WHOLE_BODY = { texts: [] as readonly string[] }
