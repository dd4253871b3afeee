// Runs as a worker thread: writes whole files part by part, while the program lands the batches that are still out.

import { parentPort, workerData } from 'node:worker_threads'
import { createDirectoryArtifacts } from '../artifact/directory.ts'
import type { CheckpointStore } from '../checkpoint/checkpoint.ts'
import { InvariantError, messageOf } from '../core/errors.ts'
import type { BatchState, RunHeader, SinkReport } from '../core/run.ts'
import { type Pair, WholeDelivery } from '../run/whole-delivery.ts'
import { bindSink, contextOf } from './bind.ts'

/** What the thread is started with. */
export interface CourierTask {
  readonly header: RunHeader
  readonly root: string
  /** Where all runs lie, and this one. */
  readonly runs: string
  readonly runFolder: string
  /** Of the job's sinks that it writes. */
  readonly positions: readonly number[]
}

/** Batches come as they are done, in any order. */
export type ToCourier =
  | { readonly type: 'done'; readonly state: BatchState }
  | { readonly type: 'finish' }
  | { readonly type: 'stop' }

export type FromCourier =
  | { readonly type: 'finished'; readonly reports: readonly (readonly [position: number, report: SinkReport])[] }
  | { readonly type: 'failed'; readonly message: string }

class Courier {
  readonly #task: CourierTask
  readonly #stop = new AbortController()
  readonly #states = new Map<number, BatchState>()
  /** The next batch that is written, and whether others may still come. */
  #next = 0
  #isComplete = false
  #wake: () => void = () => undefined

  constructor(task: CourierTask) {
    this.#task = task
  }

  hear(message: ToCourier): void {
    if (message.type === 'done') this.#states.set(message.state.index, message.state)
    else if (message.type === 'finish') this.#isComplete = true
    else this.#stop.abort()
    this.#wake()
  }

  /** What the sinks hold. Throws what goes wrong, with nothing left behind. */
  async deliver(): Promise<[number, SinkReport][]> {
    const { header, root, runs, runFolder, positions } = this.#task
    const workspace = {
      root,
      artifacts: createDirectoryArtifacts(runs),
      runFolder: () => runFolder,
      store: NO_STORE,
      surroundings: { env: {}, writeOut: noOutput },
    }
    const context = contextOf(workspace, header)
    const names = { run: header.run, job: header.job }
    const open: (readonly [number, WholeDelivery])[] = []
    try {
      for (const position of positions) {
        const spec = header.job.sinks[position]
        if (spec === undefined) throw new InvariantError(`The job has no sink ${position}.`)
        const sink = bindSink(workspace, names, spec, position, this.#stop.signal)
        open.push([position, await WholeDelivery.open(context, sink)])
      }
      for (let pair = await this.#pair(); pair !== undefined; pair = await this.#pair()) {
        for (const [, delivery] of open) await delivery.part(pair)
      }
      const reports: [number, SinkReport][] = []
      for (const [position, delivery] of open) reports.push([position, await delivery.finish()])
      return reports
    } catch (error) {
      for (const [, delivery] of open) await delivery.abort()
      throw error
    }
  }

  /** The next batch in the order of the dataset; undefined: that was the last. */
  async #pair(): Promise<Pair | undefined> {
    const batch = this.#task.header.batches[this.#next]
    for (;;) {
      this.#stop.signal.throwIfAborted()
      const state = this.#states.get(this.#next)
      if (batch !== undefined && state !== undefined) {
        this.#next += 1
        return [batch, state]
      }
      if (this.#isComplete) {
        if (batch === undefined) return undefined
        throw new InvariantError(`Batch ${this.#next} is not done.`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

async function noOutput(): Promise<void> {
  throw new InvariantError('A courier writes files only.')
}

/** Outcomes are made of files alone. */
const NO_STORE = new Proxy({} as CheckpointStore, {
  get() {
    throw new InvariantError('A courier has no store.')
  },
})

const port = parentPort
if (port !== null) {
  const courier = new Courier(workerData as CourierTask)
  port.on('message', (message: ToCourier) => courier.hear(message))
  const tell = (message: FromCourier): void => {
    port.postMessage(message)
    port.close()
  }
  courier.deliver().then(
    (reports) => tell({ type: 'finished', reports }),
    (error: unknown) => tell({ type: 'failed', message: messageOf(error) }),
  )
}
