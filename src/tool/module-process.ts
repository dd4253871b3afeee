/**
 * The process of a module: started when first needed, kept for all calls, started anew when it died.
 *
 * When it dies, or blocks so that it does not even hear that a call is canceled, nobody knows which of the calls in it is
 * to blame. They are then made once more, one at a time in a fresh process: whoever is alone when it dies is the one. The
 * same would happen to them if we were killed; a call whose result was already here is never made again.
 */
import type { HandlerContext } from './handler.ts'
import { ModuleFork } from './module-fork.ts'
import { Printed } from './printed.ts'
import { errorResult } from './result.ts'
import type { HandlerCall, ToolResult } from './tool.ts'

export class ModuleProcess {
  readonly #module: string
  readonly #context: HandlerContext
  readonly #printed: Printed
  #fork: ModuleFork | undefined
  #starting: Promise<ModuleFork> | undefined
  /** Calls that were in a process when it was lost, and have not been made again yet. */
  #suspects = 0
  /** Resolves when those that are made again one at a time are through. */
  #queue: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(module: string, context: HandlerContext) {
    this.#module = module
    this.#context = context
    this.#printed = new Printed(module, context.notify)
  }

  /** Loads the module. Throws ModuleLoadError. */
  async functions(): Promise<readonly string[]> {
    return (await this.#started()).functions
  }

  /** Throws ModuleLoadError when the module cannot be loaded, and the signal's reason when that aborts. */
  async run(name: string, call: HandlerCall, timeoutMs: number, signal: AbortSignal): Promise<ToolResult> {
    let started = await this.#started()
    // Nobody else may be in the process while those to blame are sought.
    while (this.#suspects > 0) {
      await this.#queue
      started = await this.#started()
    }
    const first = await started.run(name, call, timeoutMs, signal)
    if (first.type === 'result') return first.result
    if (first.among === 1) return blame(first.reason)
    return this.#oneAtATime(async () => {
      signal.throwIfAborted()
      const second = await (await this.#started()).run(name, call, timeoutMs, signal)
      return second.type === 'result' ? second.result : blame(second.reason)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#starting?.catch(() => undefined)
    await this.#fork?.close()
  }

  /** Decides without waiting, so that two calls never start a process each. */
  #started(): Promise<ModuleFork> {
    if (this.#isClosed) return Promise.reject(new Error(`The process of ${this.#module} has been closed.`))
    if (this.#fork !== undefined && !this.#fork.isGone) return Promise.resolve(this.#fork)
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #start(): Promise<ModuleFork> {
    this.#fork = await ModuleFork.start(this.#module, this.#context, this.#printed, (calls) => {
      if (calls > 1) this.#suspects += calls
    })
    return this.#fork
  }

  async #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#queue
    let done: () => void = () => undefined
    this.#queue = new Promise((resolve) => {
      done = resolve
    })
    await before
    try {
      return await work()
    } finally {
      this.#suspects -= 1
      done()
    }
  }
}

function blame(reason: string): ToolResult {
  return errorResult(`The tool gave no result: its process ${reason}.`)
}

/** One process for each module, however many tools name it. */
export class ModuleProcesses {
  readonly #context: HandlerContext
  readonly #known = new Map<string, ModuleProcess>()

  constructor(context: HandlerContext) {
    this.#context = context
  }

  of(module: string): ModuleProcess {
    const known = this.#known.get(module) ?? new ModuleProcess(module, this.#context)
    this.#known.set(module, known)
    return known
  }

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map((one) => one.close()))
  }
}
