// The documents of a request, as text: PDFs through pdf.js, texts as they are, files and URLs fetched first.

import { createHash } from 'node:crypto'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { invalidRequest } from '../api-error.ts'
import { blocksOf, stringOf } from './asked.ts'
import { imageSize, imageTokens } from './image-size.ts'

export interface AskedDocument {
  readonly kind: 'pdf' | 'text' | 'content'
  readonly title?: string
  readonly context?: string
  readonly citations: boolean
  /** A PDF's pages, a content document's blocks, else the one text. */
  readonly pages: readonly string[]
  readonly text: string
}

/** The bytes of an uploaded file. Throws ApiError: there is none of this id, or it has expired. */
export type FileBytes = (id: string) => Promise<{ readonly bytes: Buffer; readonly mediaType: string }>

/** Pages whose text is read, the most that a request may have; of longer documents the others are only counted. */
const READ_PAGES = 600
const MAX_DOWNLOAD = 32 * 1024 * 1024
const DOWNLOAD_MS = 10_000
/** Characters of PDF text that are remembered, because many requests share a document. */
const CACHED_CHARACTERS = 8_000_000

export class DocumentReader {
  readonly #fileBytes: FileBytes
  readonly #pdfTexts = new Map<string, Promise<readonly string[]>>()
  #cachedCharacters = 0

  constructor(fileBytes: FileBytes) {
    this.#fileBytes = fileBytes
  }

  /** A `document` block. Throws ApiError, also through the promise. `place` names it: messages.0.content.1 */
  read(block: JsonObject, place: string): AskedDocument | Promise<AskedDocument> {
    const source = isJsonObject(block.source) ? block.source : {}
    switch (source.type) {
      case 'text':
        return documentOf(block, 'text', [stringOf(source.data)])
      case 'content':
        return documentOf(block, 'content', contentTexts(source))
      case 'base64':
        return this.#readPdf(block, Buffer.from(stringOf(source.data), 'base64'), `${place}.document.source.base64`)
      default:
        return this.#readBytes(source).then(({ bytes, mediaType }) => {
          if (isPdf(bytes, mediaType)) return this.#readPdf(block, bytes, `${place}.document.source`)
          return documentOf(block, 'text', [bytes.toString('utf8')])
        })
    }
  }

  /** The tokens of an `image` block. */
  readImage(block: JsonObject, place: string): number | Promise<number> {
    const source = isJsonObject(block.source) ? block.source : {}
    const measure = (bytes: Buffer) => {
      const size = imageSize(bytes)
      if (size === undefined) throw invalidRequest(`${place}.image.source: Could not process image`)
      if (size.width > 8000 || size.height > 8000) {
        throw invalidRequest(
          `${place}.image.source: At least one of the image dimensions exceed max allowed size: 8000 pixels`,
        )
      }
      return imageTokens(size)
    }
    if (source.type === 'base64') return measure(Buffer.from(stringOf(source.data), 'base64'))
    return this.#readBytes(source).then(({ bytes }) => measure(bytes))
  }

  async #readBytes(source: JsonObject): Promise<{ bytes: Buffer; mediaType: string }> {
    return source.type === 'file' ? this.#fileBytes(stringOf(source.file_id)) : download(stringOf(source.url))
  }

  async #readPdf(block: JsonObject, bytes: Buffer, place: string): Promise<AskedDocument> {
    const digest = createHash('sha256').update(bytes).digest('base64')
    let reading = this.#pdfTexts.get(digest)
    if (reading === undefined) {
      reading = pageTexts(bytes, place)
      if (this.#cachedCharacters > CACHED_CHARACTERS) {
        this.#pdfTexts.clear()
        this.#cachedCharacters = 0
      }
      this.#pdfTexts.set(digest, reading)
      const pages = await reading.catch(() => [])
      this.#cachedCharacters += pages.reduce((sum, page) => sum + page.length, 200)
    }
    return documentOf(block, 'pdf', await reading)
  }
}

function documentOf(block: JsonObject, kind: AskedDocument['kind'], pages: readonly string[]): AskedDocument {
  return {
    kind,
    ...(typeof block.title === 'string' ? { title: block.title } : {}),
    ...(typeof block.context === 'string' ? { context: block.context } : {}),
    citations: isJsonObject(block.citations) && block.citations.enabled === true,
    pages,
    text: pages.length === 1 ? (pages[0] as string) : pages.join('\n'),
  }
}

function contentTexts(source: JsonObject): string[] {
  if (typeof source.content === 'string') return [source.content]
  return blocksOf(source.content).map((block) => stringOf(block.text))
}

async function pageTexts(bytes: Buffer, place: string): Promise<readonly string[]> {
  // Loaded when the first PDF comes: most servers never see one, and the reader takes memory.
  const { PdfError, inspectPdf, pdfPageTexts } = await import('../../core/pdf.ts')
  try {
    const texts = await pdfPageTexts(bytes, READ_PAGES)
    // A second look costs as much again: only at long documents, and at those that may be encrypted without a password.
    if (texts.length < READ_PAGES && !bytes.includes('/Encrypt')) return texts
    const { pages } = await inspectPdf(bytes)
    return [...texts, ...Array.from({ length: Math.max(0, pages - texts.length) }, () => '')]
  } catch (error) {
    if (!(error instanceof PdfError)) throw error
    if (error.reason === 'encrypted') throw invalidRequest(`${place}: The PDF specified is password protected.`)
    throw invalidRequest(`${place}: The PDF specified was not valid.`)
  }
}

function isPdf(bytes: Buffer, mediaType: string): boolean {
  return mediaType === 'application/pdf' || bytes.subarray(0, 1024).includes('%PDF-')
}

/** URL sources are fetched when the request is processed, as at the provider. */
async function download(url: string): Promise<{ bytes: Buffer; mediaType: string }> {
  const failed = invalidRequest('Unable to download the file. Please verify the URL and try again.')
  if (!/^https?:\/\//i.test(url)) throw failed
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) })
    if (!response.ok || response.body === null) throw failed
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body) {
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes > MAX_DOWNLOAD) throw failed
    }
    return { bytes: Buffer.concat(chunks), mediaType: (response.headers.get('content-type') ?? '').split(';')[0] ?? '' }
  } catch {
    throw failed
  }
}
