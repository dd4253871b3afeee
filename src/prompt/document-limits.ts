// What providers take of documents, alone and together.

import { counted } from '../core/phrase.ts'
import type { DocumentRef } from '../core/prompt.ts'
import type { BatchLimits, ModelSpec } from '../provider/provider.ts'
import { DocumentError } from './document-error.ts'

/** Pixels on one side of an image. */
const MAX_SIDE = 8000
/** Of an image's base64. */
const MAX_IMAGE_BYTES = 10 * 1024 * 1024
/** In a request with more images than this, each may have only so many pixels on one side. */
const MANY_IMAGES = 20
const MAX_SIDE_OF_MANY = 2000

type Measured = Pick<DocumentRef, 'kind' | 'bytes' | 'size' | 'pages' | 'width' | 'height'>

/** Throws DocumentError when the document cannot be part of any request. */
export function checkDocument(
  { kind, bytes, size, pages, width, height }: Measured,
  name: string,
  {
    model,
    limits,
    mostUploaded,
  }: {
    readonly model: ModelSpec | undefined
    readonly limits: Pick<BatchLimits, 'maxRequestBytes'>
    /** Bytes of one uploaded file; absent: the document is sent inside its request. */
    readonly mostUploaded?: number
  },
): void {
  if (kind === 'pdf' && model !== undefined && !model.pdf)
    throw new DocumentError(`${name} is a PDF, and ${model.id} takes none.`)
  const isImage = kind === 'image'
  if (isImage && bytes > MAX_IMAGE_BYTES) {
    throw new DocumentError(
      `${name} is ${number(size)} bytes, ${number(bytes)} in base64; an image may have at most ${number(MAX_IMAGE_BYTES)} in base64.`,
      'Make the image smaller.',
    )
  }
  if (mostUploaded !== undefined && size > mostUploaded) {
    throw new DocumentError(
      `${name} is ${number(size)} bytes; an uploaded file may have at most ${number(mostUploaded)}.`,
    )
  }
  if (mostUploaded === undefined && bytes > limits.maxRequestBytes) {
    throw new DocumentError(
      `${name} is ${number(size)} bytes, ${number(bytes)} as it is sent; a request may have at most ${number(limits.maxRequestBytes)}.`,
      kind === 'pdf'
        ? 'Split the PDF, send some of its pages (pages: 1-50), or upload it (upload: files).'
        : 'Split the document, or upload it (upload: files).',
    )
  }
  if (pages !== undefined && model !== undefined && pages > model.maxPdfPages) {
    throw new DocumentError(
      `${name} has ${counted(pages, 'page')}; ${model.id} takes at most ${number(model.maxPdfPages)} in one request.`,
      `Split the PDF, or send some of its pages: pages: 1-${model.maxPdfPages}.`,
    )
  }
  if (isImage && Math.max(width ?? 0, height ?? 0) > MAX_SIDE) {
    throw new DocumentError(
      `${name} has ${width} × ${height} pixels; an image may have at most ${MAX_SIDE} × ${MAX_SIDE}.`,
      'Make the image smaller.',
    )
  }
}

/** What is wrong with the documents of one request together; undefined: nothing. */
export function checkTogether(refs: readonly DocumentRef[], model: ModelSpec | undefined): string | undefined {
  if (refs.length < 2) return undefined
  const pages = refs.reduce((sum, ref) => sum + (ref.pages ?? 0), 0)
  if (model !== undefined && pages > model.maxPdfPages) {
    return `The PDFs of this row have ${counted(pages, 'page')} together; ${model.id} takes at most ${number(model.maxPdfPages)} in one request.`
  }
  const images = refs.filter((ref) => ref.kind === 'image')
  if (model !== undefined && images.length > model.maxImages) {
    return `This row has ${counted(images.length, 'image')}; ${model.id} takes at most ${number(model.maxImages)} in one request.`
  }
  const large = images.find((ref) => Math.max(ref.width ?? 0, ref.height ?? 0) > MAX_SIDE_OF_MANY)
  if (images.length <= MANY_IMAGES || large === undefined) return undefined
  return `${large.path} has ${large.width} × ${large.height} pixels; with more than ${MANY_IMAGES} images in a request each may have at most ${MAX_SIDE_OF_MANY} × ${MAX_SIDE_OF_MANY}.`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
