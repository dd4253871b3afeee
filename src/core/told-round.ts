// A row's conversation as a person reads it: of every round what no round before it showed, and what came back.

import { isJsonObject, type Json, type JsonObject } from './json.ts'
import type { Result } from './result.ts'

/** One trip of a row, as it is stored. */
export interface Round {
  readonly attempt: number
  /** Why the row travelled again; null: its first request. */
  readonly kind: string | null
  /** null: not sent yet. */
  readonly batchId: string | null
  /** The body; the bytes of documents are replaced by what they are. */
  readonly request: JsonObject
  /** null: no answer is in. */
  readonly said: Result | null
  /** Why it was not sent after all; null: it was. */
  readonly withdrawn: string | null
}

export interface Turn {
  /** `system`, `user`, `assistant`. */
  readonly role: string
  /** One text for each block. */
  readonly texts: readonly string[]
}

export interface ToldRound {
  readonly round: Round
  /** Why the row travelled again; undefined: its first request. */
  readonly why: string | undefined
  readonly turns: readonly Turn[]
  /** The new limit, where the answer had been cut off. */
  readonly maxTokens: Json | undefined
  readonly end: ToldEnd
}

export type ToldEnd =
  | { readonly type: 'answer'; readonly turn: Turn; readonly stopReason: string | null }
  | { readonly type: 'fault'; readonly title: string; readonly words: string }
  | { readonly type: 'waits'; readonly words: string }

/** @param rounds all of a row, in order */
export function tellRounds(rounds: readonly Round[]): ToldRound[] {
  let shown = 0
  return rounds.map((round) => {
    const told = tellRound(round, shown)
    // The answer of this round is a turn of the next one, and has been read by then.
    shown = messagesOf(round.request).length + 1
    return told
  })
}

const WHY: Readonly<Record<string, string>> = {
  again: 'the same request again',
  deferred: 'left over from an attempt that was too large',
  more_room: 'the answer was cut off; more room for it',
  repair: 'the answer broke the schema',
  tools: 'with the results of the tools',
  continue: 'the provider paused; going on',
  retry: 'asked again by a person',
}
/** These send a conversation that was shown, and the turns behind it. */
const GROWS = new Set<string | null>(['tools', 'repair', 'continue'])
const REPEATS = new Set<string | null>(['again', 'deferred', 'more_room'])

/** @param shown messages of the conversation that earlier rounds told, the last answer included */
function tellRound(round: Round, shown: number): ToldRound {
  const { kind, request } = round
  const messages = messagesOf(request)
  const from = REPEATS.has(kind) ? messages.length : GROWS.has(kind) ? Math.min(shown, messages.length) : 0
  const isFirst = kind === null || kind === 'retry'
  const system = isFirst && request.system !== undefined ? [turn('system', request.system)] : []
  return {
    round,
    why: kind === null ? undefined : (WHY[kind] ?? kind),
    turns: [
      ...system,
      ...messages.slice(from).map((message) => turn(String(message.role), message.content ?? null)),
    ].filter(({ texts }) => texts.length > 0),
    maxTokens: kind === 'more_room' ? request.max_tokens : undefined,
    end: endOf(round),
  }
}

function endOf({ said, withdrawn, batchId }: Round): ToldEnd {
  if (withdrawn !== null) return { type: 'fault', title: 'not sent', words: withdrawn }
  if (said === null) return { type: 'waits', words: batchId === null ? 'Waits to be sent.' : 'No answer is in.' }
  if (said.type === 'errored') return { type: 'fault', title: `errored: ${said.code}`, words: said.message }
  if (said.type !== 'succeeded') return { type: 'fault', title: said.type, words: '' }
  return { type: 'answer', turn: turn('assistant', said.answer.content), stopReason: said.answer.stopReason }
}

function messagesOf({ messages }: JsonObject): readonly JsonObject[] {
  return Array.isArray(messages) ? messages.filter((item): item is JsonObject => isJsonObject(item)) : []
}

function turn(role: string, content: Json): Turn {
  if (content === null) return { role, texts: [] }
  return { role, texts: (Array.isArray(content) ? content : [content]).map(blockText) }
}

function blockText(block: Json): string {
  if (typeof block === 'string') return block
  if (!isJsonObject(block)) return JSON.stringify(block)
  switch (block.type) {
    case 'text':
      return String(block.text)
    case 'thinking':
      return `(thinks) ${block.thinking}`
    case 'tool_use':
      return `calls ${block.name} ${JSON.stringify(block.input)}`
    case 'tool_result':
      return `${block.is_error === true ? 'tool failed' : 'tool gave'}: ${resultText(block.content)}`
    default:
      return isJsonObject(block.source) ? sourceText(block, block.source) : JSON.stringify(block)
  }
}

function resultText(content: Json | undefined): string {
  return Array.isArray(content) ? content.map(blockText).join('\n') : String(content ?? '')
}

/** Which bytes, where from; a text of the job's own stands as it is. */
function sourceText({ type, title }: JsonObject, source: JsonObject): string {
  const { data, url, file_id: file } = source
  const where = isJsonObject(data) ? data.elided : (url ?? file ?? data ?? source)
  const name = typeof title === 'string' ? ` "${title}"` : ''
  return `[${type}${name}: ${typeof where === 'string' ? where : JSON.stringify(where)}]`
}
