/**
 * A handler that is a program: a list of arguments, never a text for a shell. It is started for each call in the
 * project's root, reads one JSON object on stdin and prints the result. Exit status 0 means that it worked.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { ToolHandler } from '../core/job.ts'
import { commandProblem } from './command-file.ts'
import { GRACE_MS, type Handler, type HandlerContext } from './handler.ts'
import { payloadOf, seconds } from './payload.ts'
import { Printed } from './printed.ts'
import { errorResult, MAX_RESULT_BYTES, resultOfText, tooLarge } from './result.ts'
import { stopProcess } from './stop-process.ts'
import { type HandlerCall, HandlerGoneError, type ToolResult } from './tool.ts'

type CommandSpec = Extract<ToolHandler, { type: 'command' }>

/** How much of what it wrote to stderr stands in the result of a command that failed. */
const TAIL_CHARACTERS = 2000
/** After its exit somebody it started may still hold its output open. */
const DRAIN_MS = 1000

export function createCommandHandler(tool: string, spec: CommandSpec, context: HandlerContext): Handler {
  const printed = new Printed(tool, context.notify)
  return {
    check: () => commandProblem(spec.command, context),
    run: (call, signal) => new Execution(spec, context, printed, call, signal).result,
    close: async () => undefined,
  }
}

class Execution {
  readonly result: Promise<ToolResult>
  readonly #spec: CommandSpec
  readonly #context: HandlerContext
  readonly #signal: AbortSignal
  readonly #child: ChildProcess
  readonly #output: Buffer[] = []
  #outputBytes = 0
  #errors = ''
  /** Why it was told to end, when it was. */
  #verdict: ToolResult | undefined
  #settle: (end: ToolResult | Error) => void = () => undefined
  readonly #timers: NodeJS.Timeout[] = []
  readonly #onAbort = (): void => stopProcess(this.#child, 'SIGKILL', this.#context)

  constructor(spec: CommandSpec, context: HandlerContext, printed: Printed, call: HandlerCall, signal: AbortSignal) {
    this.#spec = spec
    this.#context = context
    this.#signal = signal
    this.result = new Promise((resolve, reject) => {
      this.#settle = (end) => {
        for (const timer of this.#timers) clearTimeout(timer)
        signal.removeEventListener('abort', this.#onAbort)
        if (end instanceof Error) reject(end)
        else resolve(end)
      }
    })
    const [program = '', ...args] = spec.command
    // A group of its own, so that a Ctrl-C meant for us does not end it half-way, and all it started can be ended with it.
    const options = { cwd: context.root, env: { ...context.env }, detached: true, windowsHide: true } as const
    this.#child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#follow(printed)
    signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#timers.push(setTimeout(() => this.#end(this.#late()), spec.timeoutMs))
    // A command that does not read its input closes the pipe.
    this.#child.stdin?.on('error', () => undefined).end(payloadOf(call))
  }

  #follow(printed: Printed): void {
    const child = this.#child
    child.on('error', (error: NodeJS.ErrnoException) => this.#settle(notStarted(this.#spec.command, error)))
    child.on('exit', () => {
      this.#timers.push(setTimeout(() => child.stdout?.destroy(), DRAIN_MS))
    })
    child.on('close', (code, signal) => this.#closed(code, signal))
    child.stdout?.on('data', (piece: Buffer) => this.#heard(piece))
    if (child.stderr === null) return
    printed.follow(child.stderr)
    child.stderr.on('data', (piece: Buffer) => {
      this.#errors = (this.#errors + piece.toString('utf8')).slice(-TAIL_CHARACTERS)
    })
    child.on('exit', () => {
      this.#timers.push(setTimeout(() => child.stderr?.destroy(), DRAIN_MS))
    })
  }

  #heard(piece: Buffer): void {
    this.#outputBytes += piece.length
    if (this.#outputBytes <= MAX_RESULT_BYTES) this.#output.push(piece)
    else if (this.#verdict === undefined) this.#end(tooLarge('more'))
  }

  #closed(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#signal.aborted) this.#settle(abortError(this.#signal))
    else if (this.#verdict !== undefined) this.#settle(this.#verdict)
    else if (code === 0) this.#settle(resultOfText(Buffer.concat(this.#output).toString('utf8')))
    else {
      const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`
      const tail = this.#errors.trim()
      this.#settle(errorResult(`The tool ${how}${tail === '' ? '.' : `: ${tail}`}`))
    }
  }

  /** Asks it to end, and after a while ends it. */
  #end(verdict: ToolResult): void {
    this.#verdict ??= verdict
    stopProcess(this.#child, 'SIGTERM', this.#context)
    this.#timers.push(setTimeout(() => stopProcess(this.#child, 'SIGKILL', this.#context), GRACE_MS))
  }

  #late(): ToolResult {
    return errorResult(`The tool did not finish within ${seconds(this.#spec.timeoutMs)} and was stopped.`)
  }
}

function notStarted(command: readonly string[], error: NodeJS.ErrnoException): Error {
  const [program] = command
  return new HandlerGoneError(`The command "${program}" cannot be started (${error.code ?? error.message}).`, {
    cause: error,
  })
}

function abortError({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
