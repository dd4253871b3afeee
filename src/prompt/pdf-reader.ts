// Reads PDFs in a worker thread, one after the other, each within a time and a memory limit.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import { DocumentError } from './document-error.ts'
import type { PdfAnswer, PdfFacts, PdfTask } from './pdf-worker.ts'

export interface PdfReader {
  /** Throws DocumentError. */
  read(task: PdfTask): Promise<PdfFacts>
  close(): Promise<void>
}

/** Real PDFs of the size that providers take are read in well under a second. */
const TIMEOUT_MS = 5000
const MEMORY_MB = 768

/** The worker starts with the first PDF, is kept for the next, and keeps no process alive while it has nothing to do. */
export function createPdfReader(options: { readonly timeoutMs?: number; readonly memoryMb?: number } = {}): PdfReader {
  return new WorkerReader(options.timeoutMs ?? TIMEOUT_MS, options.memoryMb ?? MEMORY_MB)
}

/** What came of a task: the worker's answer, or why there will be none. */
type Ending = PdfAnswer | 'timeout' | Error

class WorkerReader implements PdfReader {
  readonly #timeoutMs: number
  readonly #memoryMb: number
  #worker: Worker | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(timeoutMs: number, memoryMb: number) {
    this.#timeoutMs = timeoutMs
    this.#memoryMb = memoryMb
  }

  read(task: PdfTask): Promise<PdfFacts> {
    const facts = this.#queue.then(() => this.#read(task))
    this.#queue = facts.catch(() => undefined)
    return facts
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#discard()
  }

  async #read(task: PdfTask): Promise<PdfFacts> {
    const isFresh = this.#worker === undefined
    let ending = await this.#attempt(task)
    // What an earlier PDF left behind may have killed the worker; a fresh one knows only this one.
    if (ending instanceof Error && !isFresh) ending = await this.#attempt(task)
    if (ending === 'timeout' || ending instanceof Error) throw new DocumentError(`${task.name} ${this.#reason(ending)}`)
    if (ending.type === 'facts') return ending.facts
    throw new DocumentError(ending.type === 'refused' ? ending.message : `${task.name} could not be read.`)
  }

  async #attempt(task: PdfTask): Promise<Ending> {
    this.#worker ??= await this.#start()
    const worker = this.#worker
    let end: (ending: Ending) => void = () => undefined
    const ended = new Promise<Ending>((resolve) => {
      end = resolve
    })
    const onExit = (): void => end(new Error('The thread that reads PDFs ended.'))
    const timer = setTimeout(() => end('timeout'), this.#timeoutMs)
    worker.once('message', end).once('error', end).once('exit', onExit)
    worker.ref()
    try {
      worker.postMessage(task)
      const ending = await ended
      if (ending === 'timeout' || ending instanceof Error) await this.#discard()
      return ending
    } finally {
      clearTimeout(timer)
      worker.off('message', end).off('error', end).off('exit', onExit)
      worker.unref()
    }
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(workerFile(), {
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMb },
      // What pdf.js prints about odd files is nobody's concern. Reading it would keep the process alive.
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    await once(worker, 'message')
    // An error that comes after the answer would otherwise end the process.
    worker.on('error', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }

  async #discard(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #reason(ending: 'timeout' | Error): string {
    const guess = 'The file is broken or made to be hard to read.'
    if (ending === 'timeout') return `could not be read within ${this.#timeoutMs / 1000} s. ${guess}`
    if ((ending as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return `could not be read in ${this.#memoryMb} MB of memory. ${guess}`
    }
    // pdf.js left a promise without a catch, which says nothing that a reader of the message could use.
    if ((ending as NodeJS.ErrnoException).code === 'ERR_UNHANDLED_REJECTION') return 'is a PDF too damaged to be read.'
    return `could not be read: ${messageOf(ending)}`
  }
}

/** Where sources run as they are (tests), the built worker is used: a worker thread cannot read TypeScript. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? '../../dist/prompt/pdf-worker.js' : './pdf-worker.js', import.meta.url)
}
