// A thread that reads, chooses and names the rows of a large dataset, as seen from the program that plans them.

import { Worker } from 'node:worker_threads'
import { InvariantError, UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { type RowBlock, RowBlockReader } from '../plan/row-block.ts'
import type { PlannedRow } from '../plan/rows.ts'
import { fileSources } from '../source/file-sources.ts'
import { filesOf } from '../source/files-of.ts'
import type { Source } from '../source/source.ts'
import { type PlannedBlocks, type RowsTask, rowsHere } from './rows-here.ts'
import type { FromRows, RowsFailure } from './rows-worker.ts'
import { threadFile } from './thread-file.ts'

/** For less a thread takes longer to start than all of it takes to be read. */
const LEAST_BYTES = 16_000_000
const LEAST_ROWS = 20_000
/** So many files are looked at to know how much there is. */
const MOST_LOOKED_AT = 1000

/** Rows of a dataset, with what has to be put away when nobody wants more of them. */
export interface OpenRows {
  readonly blocks: PlannedBlocks
  /** Leaves no thread. May be called at any time. */
  close(): Promise<void>
}

/**
 * The rows of a job: read by a thread where there are many, and the source and the system allow it. What is wrong with the
 * dataset is thrown by the blocks.
 */
export async function openRows(
  task: RowsTask,
  source: Source,
  signal: AbortSignal,
  leastBytes = LEAST_BYTES,
): Promise<OpenRows> {
  async function* here(): PlannedBlocks {
    yield* rowsHere(task, source, signal)
  }

  const { limit = LEAST_ROWS } = task.job.dataset
  if (fileSources.includes(source) && limit >= LEAST_ROWS && (await isLarge(task, signal, leastBytes))) {
    try {
      return new RowsThread(task, here, signal)
    } catch {
      // Where the system has no thread for us, all is read in the usual way.
    }
  }
  return { blocks: here(), close: async () => undefined }
}

async function isLarge({ job, root }: RowsTask, signal: AbortSignal, leastBytes: number): Promise<boolean> {
  let bytes = 0
  let files = 0
  try {
    for await (const { size } of filesOf(job.dataset.options.path, { root, signal, jobFile: job.file })) {
      bytes += size
      files += 1
      if (bytes >= leastBytes || files >= MOST_LOOKED_AT) break
    }
  } catch {
    // Whoever reads them says what is wrong, at the right moment.
    return false
  }
  return bytes >= leastBytes
}

type Said = FromRows | { readonly type: 'gone'; readonly message: string }

class RowsThread implements OpenRows {
  readonly blocks: PlannedBlocks
  readonly #worker: Worker
  readonly #signal: AbortSignal
  /** What it said and nobody has heard yet. */
  readonly #said: Said[] = []
  #wake: () => void = () => undefined

  /** @param here reads instead of a thread that does not live to say anything */
  constructor({ job, root }: RowsTask, here: () => PlannedBlocks, signal: AbortSignal) {
    this.#signal = signal
    this.blocks = this.#read(here)
    this.#worker = new Worker(threadFile('rows-worker'), {
      // As it is stored, so that a thread can be given it.
      workerData: { root, job: JSON.parse(JSON.stringify(job)) as Job } satisfies RowsTask,
      env: {},
      stdout: false,
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    })
    this.#worker
      .on('message', (message: FromRows) => this.#hear(message))
      .on('error', ({ message }) => this.#hear({ type: 'gone', message }))
      .on('exit', () => this.#hear({ type: 'gone', message: 'It ended.' }))
    signal.addEventListener('abort', this.#onAbort)
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort)
    await this.#worker.terminate()
  }

  async *#read(here: () => PlannedBlocks): AsyncGenerator<Iterable<PlannedRow>> {
    const reader = new RowBlockReader()
    for (let blocks = 0; ; blocks += 1) {
      const said = await this.#next()
      if (said.type === 'end') return
      if (said.type === 'gone' && blocks === 0) return yield* here()
      if (said.type !== 'block') throw thrown(said)
      yield reader.rows(said.block)
      this.#giveBack(said.block)
    }
  }

  #giveBack({ memory, table }: RowBlock): void {
    this.#worker.postMessage({ memory, table }, [memory, table])
  }

  #hear(message: Said): void {
    this.#said.push(message)
    this.#wake()
  }

  readonly #onAbort = (): void => this.#wake()

  async #next(): Promise<Said> {
    for (;;) {
      this.#signal.throwIfAborted()
      const said = this.#said.shift()
      if (said !== undefined) return said
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function thrown(said: Exclude<Said, { readonly type: 'block' | 'end' }>): Error {
  if (said.type === 'failed') return errorOf(said)
  return new InvariantError(`The thread that reads the dataset is gone: ${said.message}`)
}

/** Keeps what says where it was thrown. */
function errorOf({ problems, message, stack, code, isFault, cause }: RowsFailure): Error {
  if (problems !== undefined) return new UserError(problems)
  const options = cause === undefined ? {} : { cause: Object.assign(new Error(cause.message), codeOf(cause)) }
  const error = isFault ? new InvariantError(message, options) : new Error(message, options)
  return Object.assign(error, { stack }, codeOf({ code }))
}

function codeOf({ code }: { readonly code?: string | undefined }): { readonly code?: string } {
  return code === undefined ? {} : { code }
}
