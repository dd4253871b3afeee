/**
 * Runs the tools that a turn of the model asks for. A result is stored before it is used, so that a handler that has
 * finished is never run again, whatever happens to us; one that was running when we were killed is.
 */
import pLimit from 'p-limit'
import type { Json, JsonObject } from '../core/json.ts'
import type { FollowUpEdit } from '../core/prompt.ts'
import type { ToolCall } from '../core/result.ts'
import type { HandlerCall, ToolHandlers, ToolResult } from '../tool/tool.ts'
import { assistantTurn } from './assistant-turn.ts'
import type { LiveContext } from './ports.ts'
import { toolResultKeys } from './tool-keys.ts'

/** One turn of a row that asks for tools. */
export interface ToolTurn {
  readonly index: number
  readonly attempt: number
  readonly ordinal: number
  readonly key: string
  readonly row: JsonObject
  readonly calls: readonly ToolCall[]
  /** The blocks of the turn, as the provider sent them. */
  readonly assistant: Json
}

/**
 * Answers with the turn and the results of its calls, in their order. When `halt` aborts, handlers that run may finish
 * and no others begin. Throws when a result could not be had or stored: then the row has no follow-up yet.
 */
export type ToolRunner = (turn: ToolTurn, halt: AbortSignal) => Promise<FollowUpEdit>

/** Handlers that run at once, over the whole run. */
const HANDLERS_AT_ONCE = 8
/** Failures of one tool that are shown; the model is told of all. */
const SHOWN_FAILURES = 3

export interface ToolSignals {
  /** A person's first Ctrl-C: begin nothing. */
  readonly interrupted: AbortSignal
  /** Stop at once. */
  readonly signal: AbortSignal
}

export function createToolRunner(
  context: Pick<LiveContext, 'header' | 'store' | 'notify' | 'clock'>,
  handlers: ToolHandlers,
  { interrupted, signal }: ToolSignals,
): ToolRunner {
  const { header, store } = context
  const limit = pLimit(HANDLERS_AT_ONCE)
  // One of its own: each running handler listens to it.
  const stop = AbortSignal.any([signal])
  const warn = failureWarner(context.notify)
  const count = callCounter(context)

  async function resultOf(turn: ToolTurn, call: ToolCall, key: string, halt: AbortSignal): Promise<ToolResult> {
    const stored = await store.read(key)
    if (stored !== undefined) return stored as unknown as ToolResult
    return limit(async () => {
      stop.throwIfAborted()
      if (interrupted.aborted || halt.aborted) {
        throw new Error('The run was stopped before all tools had been run; resume runs the rest.')
      }
      const result = await handlers.run(handlerCall(turn, call, key), stop)
      await store.write(key, result as unknown as Json)
      if (result.isError) warn(turn, call, result)
      count()
      return result
    })
  }

  return async (turn, halt) => {
    const keys = toolResultKeys(header.run, turn, turn.calls)
    const work = turn.calls.map((call, at) => resultOf(turn, call, keys[at] ?? '', halt))
    // All of them, also when one fails: nothing may be stored after we have left.
    const ends = await Promise.allSettled(work)
    const results = ends.map((end, at) => {
      if (end.status === 'rejected') throw end.reason
      return resultBlock(turn.calls[at]?.id ?? '', end.value)
    })
    return { type: 'append', messages: [assistantTurn(turn.assistant), { role: 'user', content: results }] }
  }
}

function handlerCall(turn: ToolTurn, { id, name, input }: ToolCall, idempotencyKey: string): HandlerCall {
  return { tool: name, toolUseId: id, input, row: turn.row, idempotencyKey }
}

function resultBlock(id: string, { content, isError }: ToolResult): JsonObject {
  const isBlank = typeof content === 'string' && content.trim() === ''
  return {
    type: 'tool_result',
    tool_use_id: id,
    // The API refuses blank texts; a result without content says that there is nothing to say.
    ...(isBlank ? {} : { content }),
    ...(isError ? { is_error: true } : {}),
  }
}

/** Slow handlers may keep a batch for hours, in which nothing else would be heard of it. */
const NOTE_EVERY_MS = 30_000

function callCounter({ clock, notify }: Pick<LiveContext, 'clock' | 'notify'>) {
  let calls = 0
  let notedAt = clock.now()
  return (): void => {
    calls += 1
    if (clock.now() - notedAt < NOTE_EVERY_MS) return
    notedAt = clock.now()
    notify({ type: 'note', text: `${calls.toLocaleString('en-US')} calls of tools have been run.` })
  }
}

/** Says the first failures of each tool: the model reads them all, but a person may have to mend the handler. */
function failureWarner(notify: LiveContext['notify']) {
  const failures = new Map<string, number>()
  return (turn: ToolTurn, call: ToolCall, { content }: ToolResult): void => {
    const count = (failures.get(call.name) ?? 0) + 1
    failures.set(call.name, count)
    if (count > SHOWN_FAILURES) return
    const words = typeof content === 'string' ? (content.split('\n')[0] ?? '').slice(0, 300) : 'see its transcript'
    const rest = count === SHOWN_FAILURES ? ' Further failures of this tool are told to the model only.' : ''
    notify({ type: 'warning', index: turn.index, text: `${call.name} failed for ${turn.key}: ${words}${rest}` })
  }
}
