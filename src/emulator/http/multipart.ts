// multipart/form-data, read as it comes: a file of any size passes through without being held.

import { invalidRequest } from '../api-error.ts'

export type MultipartEvent =
  | {
      readonly type: 'part'
      readonly name: string
      readonly filename: string | undefined
      readonly mediaType: string | undefined
    }
  /** A view that is valid until the next event is asked for. */
  | { readonly type: 'data'; readonly bytes: Buffer }

const MAX_HEADERS = 16 * 1024

/** Throws ApiError: no multipart body, no boundary. */
export function boundaryOf(contentType: string | undefined): string {
  const isForm = /^multipart\/form-data\b/i.test(contentType ?? '')
  const found = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType ?? '')
  const boundary = found?.[1] ?? found?.[2]
  if (!isForm || boundary === undefined) {
    throw invalidRequest('content-type: must be multipart/form-data with a boundary')
  }
  return boundary
}

/** A `part` for each part, then its data in pieces. Throws ApiError when the body is not what the boundary promises. */
export async function* multipartEvents(
  chunks: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter needs no line end before it.
  let held: Buffer = Buffer.from('\r\n')
  let state: 'data' | 'after delimiter' | 'headers' | 'end' = 'data'
  let isInPart = false
  for await (const chunk of chunks) {
    if (state === 'end') continue
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (let goesOn = true; goesOn; ) {
      goesOn = false
      if (state === 'data') {
        const at = held.indexOf(delimiter)
        // What may be the beginning of a delimiter is kept.
        const end = at >= 0 ? at : Math.max(0, held.length - delimiter.length)
        if (isInPart && end > 0) yield { type: 'data', bytes: held.subarray(0, end) }
        held = held.subarray(at >= 0 ? at + delimiter.length : end)
        if (at >= 0) {
          state = 'after delimiter'
          goesOn = true
        }
      } else if (state === 'after delimiter' && held.length >= 2) {
        if (held[0] === 0x2d && held[1] === 0x2d) state = 'end'
        else if (held[0] === 0x0d && held[1] === 0x0a) {
          state = 'headers'
          goesOn = true
        } else throw invalidRequest('The multipart body is malformed: a boundary is not followed by a line end.')
      } else if (state === 'headers') {
        const end = held.indexOf('\r\n\r\n')
        if (end > MAX_HEADERS || (end < 0 && held.length > MAX_HEADERS)) {
          throw invalidRequest('The multipart body is malformed: the headers of a part are too long.')
        }
        if (end >= 0) {
          yield partOf(held.toString('utf8', 0, end))
          held = held.subarray(end + 4)
          isInPart = true
          state = 'data'
          goesOn = true
        }
      }
    }
  }
  if (state !== 'end') throw invalidRequest('The multipart body is malformed: its last boundary is missing.')
}

function partOf(headers: string): MultipartEvent {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1] ?? ''
  const name = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1] ?? /(?:^|;)\s*name=([^\s;]+)/i.exec(disposition)?.[1]
  if (name === undefined) throw invalidRequest('The multipart body is malformed: a part has no name.')
  const extended = /(?:^|;)\s*filename\*=UTF-8''([^\s;]+)/i.exec(disposition)?.[1]
  const plain = /(?:^|;)\s*filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]?.replace(/%22|\\"/g, '"')
  const mediaType = /^content-type:\s*(\S+)/im.exec(headers)?.[1]?.split(';')[0]
  return { type: 'part', name, filename: extended === undefined ? plain : decoded(extended), mediaType }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
