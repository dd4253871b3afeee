// A Message as the stream of events that `stream: true` asks for.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/** Pieces of text and of JSON are this long at most. */
const PIECE = 40

export function* messageEvents(message: JsonObject): Generator<string> {
  const usage = isJsonObject(message.usage) ? message.usage : {}
  const start = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  }
  yield event('message_start', { message: start })
  for (const [index, block] of (message.content as readonly JsonObject[]).entries()) {
    const { field, delta, text } = streamed(block)
    yield event('content_block_start', { index, content_block: { ...block, ...field } })
    for (let at = 0; at < text.length; at += PIECE) {
      yield event('content_block_delta', { index, delta: delta(text.slice(at, at + PIECE)) })
    }
    if (block.type === 'thinking') {
      yield event('content_block_delta', {
        index,
        delta: { type: 'signature_delta', signature: block.signature ?? '' },
      })
    }
    yield event('content_block_stop', { index })
  }
  const { stop_reason = null, stop_sequence = null, stop_details = null } = message
  yield event('message_delta', { delta: { stop_reason, stop_sequence, stop_details }, usage })
  yield event('message_stop', {})
}

/** How a block begins, and what its pieces are. */
function streamed(block: JsonObject): { field: JsonObject; delta: (piece: string) => JsonObject; text: string } {
  if (block.type === 'tool_use') {
    return {
      field: { input: {} },
      delta: (partial_json) => ({ type: 'input_json_delta', partial_json }),
      text: JSON.stringify(block.input ?? {}),
    }
  }
  if (block.type === 'thinking') {
    return {
      field: { thinking: '', signature: '' },
      delta: (thinking) => ({ type: 'thinking_delta', thinking }),
      text: textOf(block.thinking),
    }
  }
  return { field: { text: '' }, delta: (text) => ({ type: 'text_delta', text }), text: textOf(block.text) }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function event(type: string, data: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}
