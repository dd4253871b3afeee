// One process with one module loaded, as seen from outside.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf, UserError } from '../core/errors.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { GRACE_MS, type HandlerContext } from './handler.ts'
import type { FromChild, ToChild } from './module-messages.ts'
import { seconds } from './payload.ts'
import type { Printed } from './printed.ts'
import { errorResult, resultOfValue, tooLarge } from './result.ts'
import { stopProcess } from './stop-process.ts'
import type { HandlerCall, ToolResult } from './tool.ts'

/** How long a module may take to load. */
const LOAD_MS = 30_000

/** Why there is no process with this module, as a clause without its subject. */
export class ModuleLoadError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ModuleLoadError'
  }
}

/** The process ended, or was ended because it was blocked, before the call was answered. */
export interface Lost {
  readonly type: 'lost'
  readonly reason: string
  /** Calls that were in the process then. */
  readonly among: number
}

type End = { readonly type: 'result'; readonly result: ToolResult } | Lost

export class ModuleFork {
  readonly #child: ChildProcess
  readonly #context: HandlerContext
  readonly #onLost: (calls: number) => void
  readonly #calls = new Map<number, (message: FromChild | Lost) => void>()
  #lastId = 0
  /** Why we ended it, where we did. */
  #verdict: string | undefined
  /** Names of the functions that the module exports. */
  functions: readonly string[] = []
  isGone = false

  private constructor(child: ChildProcess, context: HandlerContext, onLost: (calls: number) => void) {
    this.#child = child
    this.#context = context
    this.#onLost = onLost
  }

  /**
   * Resolves when the module is loaded. Throws ModuleLoadError. `onLost` is told, before anybody else is, how many calls
   * were in the process when it was lost.
   */
  static async start(
    module: string,
    context: HandlerContext,
    printed: Printed,
    onLost: (calls: number) => void,
  ): Promise<ModuleFork> {
    const child = fork(childFile(), [await fileUrl(context.root, module)], {
      cwd: context.root,
      env: { ...context.env },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: a Ctrl-C meant for us does not end handlers half-way.
      detached: true,
    })
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) printed.follow(stream)
    const started = new ModuleFork(child, context, onLost)
    await started.#load()
    return started
  }

  run(name: string, call: HandlerCall, timeoutMs: number, signal: AbortSignal): Promise<End> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.isGone) return Promise.resolve({ type: 'lost', reason: 'had ended before', among: 1 })
    this.#lastId += 1
    const id = this.#lastId
    const { input, row, toolUseId, idempotencyKey } = call
    return new Promise((resolve, reject) => {
      let timer = setTimeout(() => {
        this.#send({ type: 'cancel', id })
        timer = setTimeout(
          () => this.#end(`did not finish within ${seconds(timeoutMs)} and blocked its process`),
          GRACE_MS,
        )
      }, timeoutMs)
      const finish = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#calls.delete(id)
      }
      const onAbort = (): void => {
        finish()
        this.#send({ type: 'cancel', id })
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#calls.set(id, (message) => {
        finish()
        resolve(message.type === 'lost' ? message : { type: 'result', result: resultOf(message, timeoutMs) })
      })
      this.#send({ type: 'call', id, export: name, input, context: { row, toolUseId, idempotencyKey } })
    })
  }

  async close(): Promise<void> {
    if (this.isGone) return
    const gone = once(this.#child, 'exit')
    const timer = setTimeout(() => stopProcess(this.#child, 'SIGKILL', this.#context), GRACE_MS)
    if (this.#child.connected) this.#child.disconnect()
    await gone
    clearTimeout(timer)
  }

  async #load(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const failure = await new Promise<string | undefined>((resolve) => {
      timer = setTimeout(() => resolve(`it did not load within ${seconds(LOAD_MS)}`), LOAD_MS)
      this.#child.once('error', (error) => resolve(`no process could be started for it (${messageOf(error)})`))
      this.#child.once('exit', (code, signal) => {
        this.isGone = true
        resolve(`its process ${howEnded(code, signal)} while it was loaded`)
      })
      this.#child.once('message', (message: FromChild) => {
        if (message.type === 'ready') this.functions = message.functions
        resolve(message.type === 'failed' ? message.message : undefined)
      })
    })
    clearTimeout(timer)
    if (failure !== undefined) {
      stopProcess(this.#child, 'SIGKILL', this.#context)
      throw new ModuleLoadError(failure)
    }
    this.#child.on('message', (message: FromChild) => {
      if ('id' in message) this.#calls.get(message.id)?.(message)
    })
    this.#child.on('exit', (code, signal) => this.#lose(this.#verdict ?? howEnded(code, signal)))
    this.#child.on('error', () => undefined)
  }

  /** A message to a process that has just died is lost with it; its exit is heard of anyway. */
  #send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  #end(verdict: string): void {
    this.#verdict ??= verdict
    stopProcess(this.#child, 'SIGKILL', this.#context)
  }

  #lose(reason: string): void {
    this.isGone = true
    const lost = [...this.#calls.values()]
    this.#onLost(lost.length)
    for (const tell of lost) tell({ type: 'lost', reason, among: lost.length })
  }
}

function resultOf(message: FromChild, timeoutMs: number): ToolResult {
  switch (message.type) {
    case 'returned':
      return resultOfValue(message.value === undefined ? undefined : JSON.parse(message.value))
    case 'too_large':
      return tooLarge(message.bytes)
    case 'threw':
      return errorResult(message.message)
    default:
      return errorResult(`The tool did not finish within ${seconds(timeoutMs)} and was stopped.`)
  }
}

function howEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`
}

async function fileUrl(root: string, module: string): Promise<string> {
  try {
    const path = await insideRoot(root, module)
    await access(path)
    return pathToFileURL(path).href
  } catch (error) {
    throw new ModuleLoadError(error instanceof UserError ? error.message : 'there is no such file')
  }
}

/** Where sources run as they are (tests), the built program is used: a process of its own cannot read TypeScript. */
function childFile(): string {
  const isSource = import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(isSource ? '../../dist/module-child.js' : './module-child.js', import.meta.url))
}
