// A conversation as a person reads it: what was sent in each round that no round before it showed, and what came back.

import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../core/json.ts'
import { type Html, html, shortened } from '../report/html.ts'
import type { RoundView } from './ui.ts'

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
/** A turn of several megabytes would make a page that no browser likes. */
const MAX_TEXT = 200_000

export function rounds(all: readonly RoundView[]): Html {
  let shown = 0
  return html`${all.map((round) => {
    const part = roundPart(round, shown)
    // The answer of this round is a turn of the next one, and has been read by then.
    shown = messagesOf(round.request).length + 1
    return part
  })}`
}

function roundPart(round: RoundView, shown: number): Html {
  const { attempt, kind, batchId, request, said, withdrawn } = round
  const messages = messagesOf(request)
  const from = REPEATS.has(kind) ? messages.length : GROWS.has(kind) ? Math.min(shown, messages.length) : 0
  const isFirst = kind === null || kind === 'retry'
  return html`<section class="panel"><h2>Attempt ${attempt}${kind === null ? '' : ` · ${WHY[kind] ?? kind}`}</h2><p class="quiet"><code>${batchId ?? 'not sent yet'}</code></p>
${isFirst && request.system !== undefined ? turn('system', request.system) : null}
${kind === 'more_room' ? html`<p>max_tokens ${JSON.stringify(request.max_tokens)}</p>` : null}
${messages.slice(from).map((message) => turn(String(message.role), message.content ?? null))}
${answer(said, withdrawn, batchId)}
<details><summary>request as sent, documents left out</summary><pre dir="auto" tabindex="0">${shortened(JSON.stringify(request, null, 2), MAX_TEXT)}</pre></details></section>`
}

function answer(said: RoundView['said'], withdrawn: string | null, batchId: string | null): Html {
  if (withdrawn !== null) return fault('Not sent', withdrawn)
  if (said === null) return html`<p class="quiet">${batchId === null ? 'Waits to be sent.' : 'No answer is in.'}</p>`
  if (said.type === 'errored') return fault(`errored: ${said.code}`, said.message)
  if (said.type !== 'succeeded') return fault(said.type, '')
  const { content, stopReason } = said.answer
  return html`${turn('assistant', content)}<p class="quiet">stop reason: ${stopReason}</p>`
}

function fault(title: string, words: string): Html {
  return html`<div class="turn fault"><b>${title}</b><p dir="auto">${shortened(words, MAX_TEXT)}</p></div>`
}

function turn(role: string, content: Json): Html {
  const blocks = Array.isArray(content) ? (content as JsonArray) : [content]
  const style = role === 'assistant' || role === 'user' ? role : ''
  return html`<div class="turn ${style}"><b>${role}</b>${blocks.map((block) => html`<p dir="auto">${shortened(blockText(block), MAX_TEXT)}</p>`)}</div>`
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
    case 'tool_result': {
      const words = Array.isArray(block.content)
        ? (block.content as JsonArray).map(blockText).join('\n')
        : String(block.content ?? '')
      return `${block.is_error === true ? 'tool failed' : 'tool gave'}: ${words}`
    }
    default:
      return isJsonObject(block.source) ? `[${block.type}: ${sourceText(block.source)}]` : JSON.stringify(block)
  }
}

function sourceText(source: JsonObject): string {
  const [data] = [source.data, source.url, source.file_id].filter((each) => each !== undefined)
  return isJsonObject(data) ? String(data.elided) : String(data)
}

function messagesOf(request: JsonObject): readonly JsonObject[] {
  const { messages } = request
  return Array.isArray(messages) ? (messages as JsonArray).filter((item): item is JsonObject => isJsonObject(item)) : []
}
