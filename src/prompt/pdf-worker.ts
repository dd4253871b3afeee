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
  /** In bytes. */
  readonly size: number
  readonly ranges: readonly PageRange[] | undefined
}

export interface PdfFacts {
  readonly size: number
  /** sha256, hex. */
  readonly digest: string
  readonly pages: number
  /** The PDF of the asked pages, where they are not all. */
  readonly cut?: { readonly bytes: Uint8Array; readonly digest: string; readonly pages: number }
}

/** To a task the worker says `refused`; or first `facts`, then `text`. */
export type PdfAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'facts'; readonly facts: PdfFacts }
  /** How many bytes of text its pages hold, as a sample of them lets expect; undefined: that cannot be told. */
  | { readonly type: 'text'; readonly textBytes: number | undefined }
  /** What is wrong with the document, as a full sentence. */
  | { readonly type: 'refused'; readonly message: string }

/** Pages whose text is measured: enough to know what kind of document it is, few enough not to be noticed. */
const SAMPLED_PAGES = 5

async function answer(task: PdfTask, say: (answer: PdfAnswer) => void): Promise<void> {
  let hasFacts = false
  try {
    const bytes = await readFile(task.path)
    const textBytes = await measurePdf(bytes, SAMPLED_PAGES, async (pages) => {
      const found = await factsOf(task, bytes, pages)
      hasFacts = found.type === 'facts'
      say(found)
    })
    if (hasFacts) say({ type: 'text', textBytes })
  } catch (error) {
    say(hasFacts ? { type: 'text', textBytes: undefined } : refusal(task, error))
  }
}

function refusal({ name }: PdfTask, error: unknown): PdfAnswer {
  if (error instanceof DocumentError) return { type: 'refused', message: error.message }
  const clause = error instanceof PdfError ? error.message : `could not be read: ${messageOf(error)}`
  return { type: 'refused', message: `${name} ${clause}.` }
}

async function factsOf(task: PdfTask, bytes: Buffer, pages: number): Promise<PdfAnswer> {
  const { name, ranges } = task
  const facts: PdfFacts = { size: bytes.length, digest: sha256(bytes), pages }
  try {
    const positions = ranges === undefined ? [] : pagesIn(ranges, pages, name)
    if (ranges === undefined || positions.length === pages) return { type: 'facts', facts }
    const cut = await cutPdf(bytes, positions).catch((error: unknown) => {
      throw new DocumentError(`${name} is too damaged to be cut to its pages (${messageOf(error)}).`)
    })
    return { type: 'facts', facts: { ...facts, cut: { bytes: cut, digest: sha256(cut), pages: positions.length } } }
  } catch (error) {
    return refusal(task, error)
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

parentPort?.on('message', (task: PdfTask) => {
  void answer(task, (said) => parentPort?.postMessage(said))
})
parentPort?.postMessage({ type: 'ready' } satisfies PdfAnswer)
