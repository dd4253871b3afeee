// Threads that a test watches, and may replace: it mocks node:worker_threads with what `watched` makes of it.

import type { Worker, WorkerOptions } from 'node:worker_threads'

type Threads = typeof import('node:worker_threads')

/** What the threads of this test do, how many there were, and how many blocks of rows they gave. */
export const threads = {
  /** 'real': what they are asked to; 'none': there are none; else the text of a program that runs instead. */
  kind: 'real',
  made: 0,
  blocks: 0,
  last: undefined as Worker | undefined,
  reset(): void {
    Object.assign(threads, { kind: 'real', made: 0, blocks: 0, last: undefined })
  },
}

export function watched(actual: Threads): Threads {
  class Watched extends actual.Worker {
    constructor(file: string | URL, options: WorkerOptions) {
      threads.made += 1
      const { kind } = threads
      if (kind === 'none') throw new Error('no thread can be made')
      super(kind === 'real' ? file : new URL(`data:text/javascript,${encodeURIComponent(kind)}`), options)
      threads.last = this
      this.on('message', ({ type }: { readonly type: string }) => {
        if (type === 'block') threads.blocks += 1
      })
    }
  }
  return { ...actual, Worker: Watched }
}
