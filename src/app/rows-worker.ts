// Runs as a worker thread: reads, chooses and names the rows of a dataset, while the program plans those before them.

import { parentPort, workerData } from 'node:worker_threads'
import { InvariantError, invariant, messageOf, type Problem, UserError } from '../core/errors.ts'
import { type BlockMemory, type RowBlock, RowBlockWriter } from '../plan/row-block.ts'
import { fileSources } from '../source/file-sources.ts'
import { type PlannedBlocks, type RowsTask, rowsHere } from './rows-here.ts'

export type FromRows =
  | { readonly type: 'block'; readonly block: RowBlock }
  /** After the last block. */
  | { readonly type: 'end' }
  | RowsFailure

/** What was thrown, in a form that comes through: classes and own properties of an error do not. */
export interface RowsFailure {
  readonly type: 'failed'
  readonly message: string
  readonly stack: string
  /** Of a UserError. */
  readonly problems?: readonly Problem[]
  /** As the system names what it refuses: ENOENT. */
  readonly code?: string
  /** It is a fault of ours. */
  readonly isFault: boolean
  readonly cause?: Pick<RowsFailure, 'message' | 'code'>
}

/** Blocks on their way: one is read, one waits, one is filled. */
const MOST_BLOCKS = 3
/** One with a row that is longer goes alone: its memory is that of the row. */
const LARGE_BYTES = 4_000_000

class Rows {
  readonly #tell: (message: FromRows, given?: BlockMemory) => void
  readonly #writer = new RowBlockWriter()
  /** Handed over and not come back. */
  #away = 0
  #wake: () => void = () => undefined

  constructor(tell: (message: FromRows, given?: BlockMemory) => void) {
    this.#tell = tell
  }

  cameBack(memory: BlockMemory): void {
    this.#writer.reuse(memory)
    this.#away -= 1
    this.#wake()
  }

  /** Hands over all rows, also those before a mistake. */
  async read(blocks: PlannedBlocks): Promise<void> {
    try {
      for await (const block of blocks) {
        for (const row of block) {
          this.#writer.add(row)
          if (this.#writer.isFull) await this.#handOver()
        }
      }
    } finally {
      if (!this.#writer.isEmpty) await this.#handOver()
    }
  }

  async #handOver(): Promise<void> {
    const block = this.#writer.take()
    this.#away += 1
    const most = block.memory.byteLength > LARGE_BYTES ? 1 : MOST_BLOCKS
    this.#tell({ type: 'block', block }, block)
    while (this.#away >= most) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function failure(error: unknown): RowsFailure {
  const { stack = '', cause } = error instanceof Error ? error : {}
  return {
    type: 'failed',
    ...wordsOf(error),
    stack,
    isFault: error instanceof InvariantError,
    ...(error instanceof UserError ? { problems: error.problems } : {}),
    ...(cause === undefined ? {} : { cause: wordsOf(cause) }),
  }
}

function wordsOf(error: unknown): Pick<RowsFailure, 'message' | 'code'> {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return { message: messageOf(error), ...(typeof code === 'string' ? { code } : {}) }
}

const port = parentPort
if (port !== null) {
  const task = workerData as RowsTask
  const rows = new Rows((message, given) =>
    port.postMessage(message, given === undefined ? [] : [given.memory, given.table]),
  )
  port.on('message', (memory: BlockMemory) => rows.cameBack(memory))
  const read = async (): Promise<FromRows> => {
    try {
      const source = fileSources.find(({ type }) => type === task.job.dataset.type)
      invariant(source !== undefined, `A thread reads no dataset of the type ${task.job.dataset.type}.`)
      // Whoever does not want more of them ends the thread.
      await rows.read(rowsHere(task, source, new AbortController().signal))
      return { type: 'end' }
    } catch (error) {
      return failure(error)
    }
  }
  void read().then((end) => {
    port.postMessage(end)
    port.close()
  })
}
