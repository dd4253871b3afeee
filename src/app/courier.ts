// A thread that writes whole files while other batches are still out, as seen from the program.

import { once } from 'node:events'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BatchState, RunHeader, SinkReport } from '../core/run.ts'
import type { Courier } from '../run/courier.ts'
import type { BoundSink } from '../run/deliver.ts'
import type { CourierTask, FromCourier, ToCourier } from './courier-worker.ts'
import { threadFile } from './thread-file.ts'
import type { Workspace } from './workspace.ts'

/** For fewer rows a thread takes longer to start than they take to be written. */
const LEAST_REQUESTS = 20_000
/** How long a thread may take to put away what it has not finished. */
const STOP_MS = 5000

/** undefined: it is not worth one, since there is nothing that could be written before the end. */
export function createCourier(
  workspace: Workspace,
  header: RunHeader,
  sinks: readonly BoundSink[],
  leastRequests = LEAST_REQUESTS,
): Courier | undefined {
  const positions = sinks.filter(({ sink }) => sink.mayRunAside === true).map(({ position }) => position)
  const requests = header.batches.reduce((sum, batch) => sum + batch.requests, 0)
  if (positions.length === 0 || header.batches.length < 2 || requests < leastRequests) return undefined
  const runFolder = workspace.runFolder(header.run)
  // As it is stored, so that a thread can be given it.
  const stored = JSON.parse(JSON.stringify(header)) as RunHeader
  return new ThreadCourier({ header: stored, root: workspace.root, runs: dirname(runFolder), runFolder, positions })
}

class ThreadCourier implements Courier {
  readonly #task: CourierTask
  #worker: Worker | undefined
  /** What it said last; it never rejects. */
  #end: Promise<FromCourier> | undefined

  constructor(task: CourierTask) {
    this.#task = task
  }

  begin(): void {
    if (this.#end === undefined) this.#start()
  }

  done(state: BatchState): void {
    this.#say({ type: 'done', state })
  }

  async finish(): Promise<ReadonlyMap<number, SinkReport>> {
    if (this.#end === undefined) return new Map()
    this.#say({ type: 'finish' })
    const end = await this.#end
    // What failed here is tried again in the usual way, which says why it fails.
    return new Map(end.type === 'finished' ? end.reports : [])
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    this.#worker = undefined
    worker.postMessage({ type: 'stop' } satisfies ToCourier)
    const timer = setTimeout(() => void worker.terminate(), STOP_MS)
    await this.#end
    clearTimeout(timer)
    await worker.terminate()
  }

  #say(message: ToCourier): void {
    this.begin()
    this.#worker?.postMessage(message)
  }

  #start(): void {
    try {
      const worker = new Worker(threadFile('courier-worker'), {
        workerData: this.#task,
        env: {},
        stdout: false,
        resourceLimits: { maxYoungGenerationSizeMb: 8 },
      })
      this.#worker = worker
      this.#end = endOf(worker)
    } catch (error) {
      // Where the system has no thread for us, all is delivered in the usual way.
      this.#end = Promise.resolve({ type: 'failed', message: String(error) })
    }
  }
}

async function endOf(worker: Worker): Promise<FromCourier> {
  try {
    const said = once(worker, 'message') as Promise<[FromCourier]>
    const gone = once(worker, 'exit').then((): [FromCourier] => [{ type: 'failed', message: 'The thread is gone.' }])
    const [end] = await Promise.race([said, gone])
    return end
  } catch (error) {
    return { type: 'failed', message: String(error) }
  }
}
