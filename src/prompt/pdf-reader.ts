// Reads PDFs in a worker thread, one after the other, each within a time and a memory limit.

import { Worker } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import { Answers, type Given } from './answers.ts'
import { DocumentError } from './document-error.ts'
import type { PdfAnswer, PdfFacts, PdfTask } from './pdf-worker.ts'

export interface PdfReader {
  /** Throws DocumentError. `textBytes` is missing where the pages are too complicated to be looked at. */
  read(task: PdfTask): Promise<PdfFacts & { readonly textBytes?: number }>
  close(): Promise<void>
}

/** Real PDFs of the size that providers take are read in well under a second. The start of the worker is in it. */
const TIMEOUT_MS = 3500
/** The text is wanted for an estimate only, so nobody waits long for it. */
const TEXT_TIMEOUT_MS = 800
/** What the worker's objects may take. */
const HEAP_MB = 512
/** By how much one PDF may make the process grow, and by how many times its size on top: it is held, read and cut. */
const MEMORY_MB = 192
const MEMORY_PER_SIZE = 4
const MEGABYTE = 1024 * 1024

interface Limits {
  readonly timeoutMs: number
  readonly heapMb: number
  readonly memoryMb: number
}

/** The worker starts with the first PDF, is kept for the next, and keeps no process alive while it has nothing to do. */
export function createPdfReader(limits: Partial<Limits> = {}): PdfReader {
  return new WorkerReader({ timeoutMs: TIMEOUT_MS, heapMb: HEAP_MB, memoryMb: MEMORY_MB, ...limits })
}

/** What came of a task: the worker's answer, or why there will be none. */
type Ending = PdfAnswer | Given | Error
type Read = Awaited<ReturnType<PdfReader['read']>>

class WorkerReader implements PdfReader {
  readonly #limits: Limits
  #worker: Worker | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(limits: Limits) {
    this.#limits = limits
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
    const until = performance.now() + this.#limits.timeoutMs
    const isFresh = this.#worker === undefined
    let ending = await this.#attempt(task, until)
    // What an earlier PDF left behind may have killed the worker; a fresh one knows only this one.
    if (ending instanceof Error && !isFresh) ending = await this.#attempt(task, until)
    if (isMissing(ending)) throw new DocumentError(`${task.name} ${this.#reason(ending, task)}`)
    if ('pages' in ending) return ending
    throw new DocumentError(ending.type === 'refused' ? ending.message : `${task.name} could not be read.`)
  }

  async #attempt(task: PdfTask, until: number): Promise<Ending | Read> {
    const isFresh = this.#worker === undefined
    const memoryMb = this.#memoryFor(task)
    this.#worker ??= this.#start()
    const answers = new Answers<PdfAnswer>(this.#worker)
    try {
      this.#worker.postMessage(task)
      let first = await answers.next(until, memoryMb)
      if (isFresh && !isMissing(first)) first = await answers.next(until, memoryMb)
      if (isMissing(first)) await this.#discard()
      if (isMissing(first) || first.type !== 'facts') return first
      const second = await answers.next(performance.now() + TEXT_TIMEOUT_MS, memoryMb)
      // It still works on the text, which would be the next PDF's time; or what it holds would be the next PDF's memory.
      if (isMissing(second) || answers.mostGrowth > memoryMb / 2) await this.#discard()
      const isText = !isMissing(second) && second.type === 'text'
      return { ...first.facts, ...(isText && second.textBytes !== undefined ? { textBytes: second.textBytes } : {}) }
    } finally {
      answers.close()
    }
  }

  #memoryFor({ size }: PdfTask): number {
    return this.#limits.memoryMb + Math.ceil((size * MEMORY_PER_SIZE) / MEGABYTE)
  }

  /** It says that it is ready, and takes tasks before. */
  #start(): Worker {
    const worker = new Worker(workerFile(), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMb },
      // What pdf.js prints about odd files is nobody's concern. Reading it would keep the process alive.
      stdout: true,
      stderr: true,
      execArgv: [],
    })
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

  #reason(ending: Given | Error, task: PdfTask): string {
    const guess = 'The file is broken or made to be hard to read.'
    if (ending === 'too slow') return `could not be read within ${this.#limits.timeoutMs / 1000} s. ${guess}`
    if (ending === 'too large') return `could not be read in ${this.#memoryFor(task)} MB of memory. ${guess}`
    if ((ending as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
      return `could not be read in ${this.#limits.heapMb} MB of memory. ${guess}`
    // pdf.js left a promise without a catch, which says nothing that a reader of the message could use.
    if ((ending as NodeJS.ErrnoException).code === 'ERR_UNHANDLED_REJECTION') return 'is a PDF too damaged to be read.'
    return `could not be read: ${messageOf(ending)}`
  }
}

function isMissing(ending: Ending | Read): ending is Given | Error {
  return typeof ending === 'string' || ending instanceof Error
}

/** Where sources run as they are (tests), the built worker is used: a worker thread cannot read TypeScript. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? '../../dist/pdf-worker.js' : './pdf-worker.js', import.meta.url)
}
