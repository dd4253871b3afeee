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
  const { timeoutMs = TIMEOUT_MS, memoryMb = MEMORY_MB } = options
  let worker: Worker | undefined
  let queue: Promise<unknown> = Promise.resolve()

  async function start(): Promise<Worker> {
    const started = new Worker(workerFile(), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What pdf.js prints about odd files is nobody's concern.
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    started.stdout.resume()
    started.stderr.resume()
    await once(started, 'message')
    return started
  }

  async function readNow(task: PdfTask): Promise<PdfFacts> {
    worker ??= await start()
    const busy = worker
    busy.ref()
    let finish: (answer: PdfAnswer | 'timeout' | Error) => void = () => undefined
    const answered = new Promise<PdfAnswer | 'timeout' | Error>((resolve) => {
      finish = resolve
    })
    const failed = (error: Error): void => finish(error)
    const timer = setTimeout(() => finish('timeout'), timeoutMs)
    busy.once('message', finish)
    busy.once('error', failed)
    try {
      busy.postMessage(task)
      const answer = await answered
      if (answer === 'timeout' || answer instanceof Error) {
        worker = undefined
        await busy.terminate()
        throw new DocumentError(`${task.name} ${reasonOf(answer, timeoutMs, memoryMb)}`)
      }
      if (answer.type === 'facts') return answer.facts
      throw new DocumentError(answer.type === 'refused' ? answer.message : `${task.name} could not be read.`)
    } finally {
      clearTimeout(timer)
      busy.off('message', finish)
      busy.off('error', failed)
      busy.unref()
    }
  }

  return {
    read(task) {
      const result = queue.then(() => readNow(task))
      queue = result.catch(() => undefined)
      return result
    },
    async close() {
      await queue
      await worker?.terminate()
      worker = undefined
    },
  }
}

function reasonOf(answer: 'timeout' | Error, timeoutMs: number, memoryMb: number): string {
  const hint = 'The file is broken or made to be hard to read.'
  if (answer === 'timeout') return `could not be read within ${timeoutMs / 1000} s. ${hint}`
  if ((answer as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return `could not be read in ${memoryMb} MB of memory. ${hint}`
  }
  return `could not be read: ${messageOf(answer)}`
}

/** Where sources run as they are (tests), the built worker is used: a worker thread cannot read TypeScript. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(isSource ? '../../dist/prompt/pdf-worker.js' : './pdf-worker.js', import.meta.url)
}
