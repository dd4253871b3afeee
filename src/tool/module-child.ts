/**
 * A program of its own: loads one module of the user's and runs its functions when told to. Whatever they do to their
 * process (print, block, leak, end it) they do here and not to the run.
 *
 *     node module-child.js FILE-URL
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { messageOf } from '../core/errors.ts'
import type { FromChild, ToChild } from './module-messages.ts'
import { MAX_MESSAGE_CHARACTERS, MAX_RESULT_BYTES } from './result.ts'

type Call = Extract<ToChild, { type: 'call' }>
type Exports = Readonly<Record<string, unknown>>

const exit = process.exit.bind(process)
/** Calls under way. */
const running = new Map<number, AbortController>()
/** Which call the code that runs now belongs to. */
const current = new AsyncLocalStorage<number>()

function say(message: FromChild): void {
  if (process.connected) process.send?.(message)
}

// The run is over, or its process was killed: there is nobody left to answer to.
process.on('disconnect', () => exit(0))
// One call that wants to end the process must not take the others with it.
process.exit = (code) => {
  throw new Error(`The handler called process.exit(${code ?? ''}).`)
}
syncBuiltinESMExports()
// A promise that nobody awaited, or a timer that threw: it is the fault of the call that left it behind, if that goes on.
process.on('uncaughtException', stray)
process.on('unhandledRejection', stray)

function stray(error: unknown): void {
  const id = current.getStore()
  if (id !== undefined && running.delete(id)) say({ type: 'threw', id, message: wordsOf(error) })
  console.error(error)
}

async function call(exports: Exports, { id, export: name, input, context }: Call): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  const message = await answer(exports[name], input, id, { ...context, signal: controller.signal })
  // Unless it was canceled, or answered for by a stray error, meanwhile.
  if (running.delete(id)) say(message)
}

async function answer(handler: unknown, input: unknown, id: number, context: object): Promise<FromChild> {
  try {
    return returned(id, await (handler as (input: unknown, context: object) => unknown)(input, context))
  } catch (error) {
    return { type: 'threw', id, message: wordsOf(error) }
  }
}

/** Throws for a value that JSON cannot hold. */
function returned(id: number, value: unknown): FromChild {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) {
    if (value === undefined) return { type: 'returned', id }
    throw new Error(`The handler returned a ${typeof value}; a result is a text, content blocks or other JSON.`)
  }
  const bytes = Buffer.byteLength(typeof value === 'string' ? value : text)
  return bytes > MAX_RESULT_BYTES ? { type: 'too_large', id, bytes } : { type: 'returned', id, value: text }
}

function wordsOf(error: unknown): string {
  return messageOf(error).slice(0, MAX_MESSAGE_CHARACTERS)
}

function cancel(id: number): void {
  running.get(id)?.abort()
  running.delete(id)
  say({ type: 'canceled', id })
}

try {
  const exports = (await import(process.argv[2] ?? '')) as Exports
  const functions = Object.keys(exports).filter((name) => typeof exports[name] === 'function')
  process.on('message', (message: ToChild) => {
    if (message.type === 'call') void current.run(message.id, () => call(exports, message))
    else cancel(message.id)
  })
  say({ type: 'ready', functions })
} catch (error) {
  say({ type: 'failed', message: wordsOf(error) })
}
