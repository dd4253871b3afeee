// The one door to pdf.js: what a PDF's bytes are, and the text of its pages. Functions of bytes; they run wherever they
// are called, so whoever reads files of strangers calls them in a worker with a time limit.

import { getResolvedPDFJS } from 'unpdf'
import { messageOf } from './errors.ts'

/** Why a PDF cannot be used. The message is a clause that follows the file's name: "is not a PDF: …". */
export class PdfError extends Error {
  readonly reason: 'encrypted' | 'corrupt' | 'empty'
  constructor(reason: 'encrypted' | 'corrupt' | 'empty', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PdfError'
    this.reason = reason
  }
}

/**
 * Counts a PDF's pages. `bytes` stay untouched.
 * Throws PdfError: `encrypted` (a PDF that opens without a password but is encrypted counts, because providers refuse
 * it), `corrupt` when no reader could make sense of it, `empty` without bytes or without pages.
 */
export async function inspectPdf(bytes: Uint8Array): Promise<{ pages: number }> {
  let count = 0
  await measurePdf(bytes, 0, (pages) => {
    count = pages
  })
  return { pages: count }
}

/**
 * The same: the pages are counted first and given to `onPages`. The answer is how many bytes of text they hold, as
 * `samplePages` of them let expect, spread over the document: first pages are title pages and tables of contents.
 * Looking at a page takes as long as it is complicated: a drawing may take minutes, and is no worse a PDF for that.
 * Throws as inspectPdf does, and what `onPages` throws.
 */
export async function measurePdf(
  bytes: Uint8Array,
  samplePages: number,
  onPages: (pages: number) => void | Promise<void>,
): Promise<number> {
  return withPdf(bytes, async (pdf) => {
    const { info } = await pdf.getMetadata()
    if (encryptionOf(info) !== undefined) {
      throw new PdfError('encrypted', 'is an encrypted PDF; it opens without a password, but its content is encrypted')
    }
    if (pdf.numPages < 1) throw new PdfError('empty', 'is a PDF without pages')
    await onPages(pdf.numPages)
    const sampled = Math.min(samplePages, pdf.numPages)
    let textBytes = 0
    for (let at = 0; at < sampled; at += 1) {
      const number = 1 + Math.floor(((at + 0.5) * pdf.numPages) / sampled)
      textBytes += Buffer.byteLength(await pageText(pdf, number))
    }
    return sampled === 0 ? 0 : Math.round((textBytes / sampled) * pdf.numPages)
  })
}

/**
 * The text of the first `maxPages` pages, one string a page, lines ending in \n. A page whose text cannot be read gives
 * an empty string. Throws PdfError as inspectPdf does, except that a PDF which opens without a password is read.
 */
export async function pdfPageTexts(bytes: Uint8Array, maxPages: number): Promise<string[]> {
  return withPdf(bytes, async (pdf) => {
    const texts: string[] = []
    for (let number = 1; number <= Math.min(maxPages, pdf.numPages); number += 1)
      texts.push(await pageText(pdf, number))
    return texts
  })
}

type PdfDocument = Awaited<ReturnType<Awaited<ReturnType<typeof getResolvedPDFJS>>['getDocument']>['promise']>

async function withPdf<T>(bytes: Uint8Array, use: (pdf: PdfDocument) => Promise<T>): Promise<T> {
  if (bytes.length === 0) throw new PdfError('empty', 'is empty')
  const { getDocument } = await getResolvedPDFJS()
  const task = getDocument({
    // pdf.js takes over the buffer that it is given.
    data: new Uint8Array(bytes),
    // Errors are thrown; its warnings about odd files would go to the console.
    verbosity: 0,
    isEvalSupported: false,
    useSystemFonts: true,
    disableFontFace: true,
    useWorkerFetch: false,
    // Nothing is drawn: decoding pictures would only cost time and memory.
    isOffscreenCanvasSupported: false,
    maxImageSize: 1,
  })
  try {
    return await use(await task.promise)
  } catch (error) {
    throw error instanceof PdfError ? error : pdfErrorOf(error, bytes)
  } finally {
    // Also after a failed load: otherwise every corrupt file would stay in memory.
    await task.destroy().catch(() => undefined)
  }
}

function pdfErrorOf(error: unknown, bytes: Uint8Array): PdfError {
  if (error instanceof Error && error.name === 'PasswordException') {
    return new PdfError('encrypted', 'is an encrypted PDF that needs a password', { cause: error })
  }
  const reason = messageOf(error).replace(/\.\s*$/, '')
  if (/encrypt|crypto|key length/i.test(reason)) {
    return new PdfError('encrypted', 'is an encrypted PDF whose cipher is not known', { cause: error })
  }
  // Readers look for the header in the first 1024 bytes; where it is, the file was a PDF once.
  if (!hasText(bytes.subarray(0, 1024), '%PDF-')) {
    return new PdfError('corrupt', `is not a PDF: ${inPlainWords(reason)}`, { cause: error })
  }
  const why = hasText(bytes.subarray(-1024), '%%EOF') ? inPlainWords(reason) : 'its end is missing, it may be cut off'
  return new PdfError('corrupt', `is a damaged PDF: ${why}`, { cause: error })
}

function hasText(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(text)
}

/** What pdf.js says most often, for people who have never seen a PDF from inside. */
function inPlainWords(reason: string): string {
  if (reason === 'Invalid PDF structure') return 'nothing in it leads to its pages'
  if (reason === 'Invalid Root reference') return 'its list of pages cannot be found'
  return reason
}

async function pageText(pdf: PdfDocument, number: number): Promise<string> {
  try {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    const pieces = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
    page.cleanup()
    return pieces.join('')
  } catch {
    return ''
  }
}

function encryptionOf(info: unknown): string | undefined {
  const name = (info as { EncryptFilterName?: unknown } | undefined)?.EncryptFilterName
  return typeof name === 'string' ? name : undefined
}
