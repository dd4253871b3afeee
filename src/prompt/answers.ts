// What a worker thread says, one thing after the other, while its memory is watched.

import { memoryUsage } from 'node:process'
import type { Worker } from 'node:worker_threads'

/** Why a worker is not waited for any longer. */
export type Given = 'too slow' | 'too large'

const LOOK_MS = 20
const MEGABYTE = 1024 * 1024

/** It keeps the process alive until it is closed. */
export class Answers<Said> {
  readonly #worker: Worker
  readonly #heard: (Said | Error)[] = []
  #listener: (() => void) | undefined
  /** Of the process, in bytes, before the worker began. */
  readonly #memoryBefore = memoryUsage.rss()
  #mostMemory = 0
  readonly #hear = (said: Said | Error): void => {
    this.#heard.push(said)
    this.#listener?.()
  }
  readonly #onExit = (): void => this.#hear(new Error('The thread that reads PDFs ended.'))

  constructor(worker: Worker) {
    this.#worker = worker.on('message', this.#hear).on('error', this.#hear).on('exit', this.#onExit)
    worker.ref()
  }

  /** By how much the process has grown at most, in megabytes. */
  get mostGrowth(): number {
    return (this.#mostMemory - this.#memoryBefore) / MEGABYTE
  }

  /**
   * @param until by the clock of `performance.now`
   * @param memoryMb by how much the process may grow. V8 limits a worker's objects only, not the bytes that they hold.
   */
  async next(until: number, memoryMb: number): Promise<Said | Error | Given> {
    let given: Given | undefined
    if (this.#heard.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          this.#mostMemory = Math.max(this.#mostMemory, memoryUsage.rss())
          if (this.mostGrowth > memoryMb) given = 'too large'
          else if (performance.now() >= until) given = 'too slow'
          if (given !== undefined) this.#listener?.()
        }, LOOK_MS)
        this.#listener = () => {
          clearInterval(timer)
          resolve()
        }
      })
    }
    return this.#heard.shift() ?? given ?? 'too slow'
  }

  close(): void {
    this.#worker.off('message', this.#hear).off('error', this.#hear).off('exit', this.#onExit).unref()
  }
}
