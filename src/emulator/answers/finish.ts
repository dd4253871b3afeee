// The last steps that every answer takes: stop sequences, the limit of max_tokens, and the version's shape of blocks.

import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelFacts } from '../models.ts'
import type { Answer } from './answer.ts'
import { contentTokens, NEW_VERSION } from './message.ts'
import { bytesOfTokens } from './tokens.ts'

export interface FinishContext {
  readonly params: JsonObject
  readonly model: ModelFacts
  readonly apiVersion: string
}

export function finishAnswer(answer: Answer, context: FinishContext): Answer {
  const stopped = answer.stopReason === 'end_turn' ? stopAtSequence(answer, context.params.stop_sequences) : answer
  const limited = limitTokens(stopped, context)
  if (context.apiVersion !== NEW_VERSION) return limited
  const content = limited.content.map((block) =>
    block.type === 'text' && block.citations === undefined ? { ...block, citations: null } : block,
  )
  return { ...limited, content }
}

function stopAtSequence(answer: Answer, sequences: Json | undefined): Answer {
  if (!Array.isArray(sequences)) return answer
  const wanted = (sequences as Json[]).filter((one): one is string => typeof one === 'string' && one !== '')
  for (const [place, block] of answer.content.entries()) {
    const text = block.text
    if (typeof text !== 'string') continue
    const found = wanted
      .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]
    if (found === undefined) continue
    const content = [...answer.content.slice(0, place), { ...block, text: text.slice(0, found.at) }]
    return { ...answer, content, stopReason: 'stop_sequence', stopSequence: found.sequence }
  }
  return answer
}

/** Cuts the text where max_tokens are used up. Tool calls are kept whole or not at all. */
function limitTokens(answer: Answer, { params, model }: FinishContext): Answer {
  const most = params.max_tokens
  if (typeof most !== 'number' || answer.outputTokens !== undefined) return answer
  if (contentTokens(answer.content, model) <= most) return answer
  const content: JsonObject[] = []
  let left = bytesOfTokens(most, model)
  for (const block of answer.content) {
    if (typeof block.text !== 'string') {
      left -= Buffer.byteLength(JSON.stringify(block.input ?? block.thinking ?? ''))
      if (left < 0) break
      content.push(block)
      continue
    }
    const text = cutToBytes(block.text, left)
    content.push({ ...block, text })
    left -= Buffer.byteLength(text)
    if (text !== block.text) break
  }
  const { stopSequence: _, ...rest } = answer
  return { ...rest, content, stopReason: 'max_tokens', outputTokens: most }
}

function cutToBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text)
  if (encoded.length <= bytes) return text
  let end = bytes
  while (end > 0 && ((encoded[end] as number) & 0xc0) === 0x80) end--
  return encoded.toString('utf8', 0, end)
}
