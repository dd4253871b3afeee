// Reads PDFs in a worker thread, one after the other, each within a time and a memory limit.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import { DocumentError } from './document-error.ts'
import type { PdfAnswer, PdfFacts, PdfTask } from './pdf-worker.ts'

export interface PdfReader {
  /** Throws DocumentError. `textBytes` is missing where the pages are too complicated to be looked at. */
  read(task: PdfTask): Promise<PdfFacts & { readonly textBytes?: number }>
  close(): Promise<void>
}

/** Real PDFs of the size that providers take are read in well under a second. */
const TIMEOUT_MS = 5000
/** The text is wanted for an estimate only, so nobody waits long for it. */
const TEXT_TIMEOUT_MS = 1000
const MEMORY_MB = 768

/** The worker starts with the first PDF, is kept for the next, and keeps no process alive while it has nothing to do. */
export function createPdfReader(options: { readonly timeoutMs?: number; readonly memoryMb?: number } = {}): PdfReader {
  return new WorkerReader(options.timeoutMs ?? TIMEOUT_MS, options.memoryMb ?? MEMORY_MB)
}

/** What came of a task: the worker's answer, or why there will be none. */
type Ending = PdfAnswer | 'timeout' | Error
type Read = Awaited<ReturnType<PdfReader['read']>>

class WorkerReader implements PdfReader {
  readonly #timeoutMs: number
  readonly #memoryMb: number
  #worker: Worker | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(timeoutMs: number, memoryMb: number) {
    this.#timeoutMs = timeoutMs
    this.#memoryMb = memoryMb
  }

  read(task: PdfTask): Promise<Read> {
    const facts = this.#queue.then(() => this.#read(task))
    this.#queue = facts.catch(() => undefined)
    return facts
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#discard()
  }

  async #read(task: PdfTask): Promise<Read> {
    const isFresh = this.#worker === undefined
    let ending = await this.#attempt(task)
    // What an earlier PDF left behind may have killed the worker; a fresh one knows only this one.
    if (ending instanceof Error && !isFresh) ending = await this.#attempt(task)
    if (ending === 'timeout' || ending instanceof Error) throw new DocumentError(`${task.name} ${this.#reason(ending)}`)
    if ('pages' in ending) return ending
    throw new DocumentError(ending.type === 'refused' ? ending.message : `${task.name} could not be read.`)
  }

  async #attempt(task: PdfTask): Promise<Ending | Read> {
    this.#worker ??= await this.#start()
    const answers = new Answers(this.#worker)
    try {
      this.#worker.postMessage(task)
      const first = await answers.next(this.#timeoutMs)
      if (first === 'timeout' || first instanceof Error) await this.#discard()
      if (first === 'timeout' || first instanceof Error || first.type !== 'facts') return first
      const second = await answers.next(TEXT_TIMEOUT_MS)
      // It still works on the text, which would be the next PDF's time.
      if (second === 'timeout' || second instanceof Error) await this.#discard()
      const isText = second !== 'timeout' && !(second instanceof Error) && second.type === 'text'
      return { ...first.facts, ...(isText && second.textBytes !== undefined ? { textBytes: second.textBytes } : {}) }
    } finally {
      answers.close()
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

/** What a worker says, one after the other. It keeps the process alive for so long only. */
class Answers {
  readonly #worker: Worker
  readonly #heard: (PdfAnswer | Error)[] = []
  #listener: (() => void) | undefined
  readonly #hear = (said: PdfAnswer | Error): void => {
    this.#heard.push(said)
    this.#listener?.()
  }
  readonly #onExit = (): void => this.#hear(new Error('The thread that reads PDFs ended.'))

  constructor(worker: Worker) {
    this.#worker = worker.on('message', this.#hear).on('error', this.#hear).on('exit', this.#onExit)
    worker.ref()
  }

  async next(timeoutMs: number): Promise<Ending> {
    if (this.#heard.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#listener = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.#heard.shift() ?? 'timeout'
  }

  close(): void {
    this.#worker.off('message', this.#hear).off('error', this.#hear).off('exit', this.#onExit).unref()
  }
}

/** Where sources run as they are (tests), the built worker is used: a worker thread cannot read TypeScript. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? '../../dist/pdf-worker.js' : './pdf-worker.js', import.meta.url)
}
