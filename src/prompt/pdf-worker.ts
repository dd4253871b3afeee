// Runs as a worker thread: parses the PDFs of strangers where they can neither hang nor kill the process.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import { measurePdf, PdfError } from '../core/pdf.ts'
import { cutPdf } from './cut-pdf.ts'
import { DocumentError } from './document-error.ts'
import { type PageRange, pagesIn } from './pages.ts'

export interface PdfTask {
  /** Absolute. */
  readonly path: string
  /** As messages name it. */
  readonly name: string
  readonly ranges: readonly PageRange[] | undefined
}

export interface PdfFacts {
  readonly size: number
  /** sha256, hex. */
  readonly digest: string
  readonly pages: number
  /** Of text on all its pages, as the first let expect. */
  readonly textBytes: number
  /** The PDF of the asked pages, where they are not all. */
  readonly cut?: { readonly bytes: Uint8Array; readonly digest: string; readonly pages: number }
}

export type PdfAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'facts'; readonly facts: PdfFacts }
  /** What is wrong with the document, as a full sentence. */
  | { readonly type: 'refused'; readonly message: string }

async function answer(task: PdfTask): Promise<PdfAnswer> {
  try {
    return { type: 'facts', facts: await factsOf(task) }
  } catch (error) {
    if (error instanceof DocumentError) return { type: 'refused', message: error.message }
    const clause = error instanceof PdfError ? error.message : `could not be read: ${messageOf(error)}`
    return { type: 'refused', message: `${task.name} ${clause}.` }
  }
}

/** Pages whose text is measured: enough to know what kind of document it is, few enough not to be noticed. */
const SAMPLED_PAGES = 5

async function factsOf({ path, name, ranges }: PdfTask): Promise<PdfFacts> {
  const bytes = await readFile(path)
  const { pages, textBytes } = await measurePdf(bytes, SAMPLED_PAGES)
  const facts: PdfFacts = { size: bytes.length, digest: sha256(bytes), pages, textBytes }
  if (ranges === undefined) return facts
  const positions = pagesIn(ranges, pages, name)
  if (positions.length === pages) return facts
  const cut = await cutPdf(bytes, positions).catch((error: unknown) => {
    throw new DocumentError(`${name} is too damaged to be cut to its pages (${messageOf(error)}).`)
  })
  return { ...facts, cut: { bytes: cut, digest: sha256(cut), pages: positions.length } }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

parentPort?.on('message', (task: PdfTask) => {
  void answer(task).then((result) => parentPort?.postMessage(result))
})
parentPort?.postMessage({ type: 'ready' } satisfies PdfAnswer)
