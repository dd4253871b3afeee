// Answers with something wrong in them, for the single-request faults that are no errors.

import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { RequestFault } from '../faults/fault.ts'
import type { Answer } from './answer.ts'

export function faultedAnswer(fault: RequestFault, answer: Answer, params: JsonObject): Answer {
  switch (fault.type) {
    case 'truncated':
      return truncated(answer, params)
    case 'refusal':
      return {
        content: [],
        outputTokens: 0,
        stopReason: 'refusal',
        stopDetails: {
          type: 'refusal',
          category: 'general_harms',
          explanation: 'The emulator was told to refuse this request.',
        },
      }
    case 'invalid_json':
      return { ...answer, content: answer.content.map(broken) }
    default:
      return answer
  }
}

/** Half of what would have been said, billed as everything that was allowed. */
function truncated(answer: Answer, params: JsonObject): Answer {
  const texts = answer.content.filter((block) => typeof block.text === 'string')
  const last = texts.at(-1)
  const content =
    last === undefined
      ? answer.content
      : answer.content.map((block) => (block === last ? { ...block, text: halfOf(String(block.text)) } : block))
  const most = params.max_tokens
  return { content, stopReason: 'max_tokens', ...(typeof most === 'number' ? { outputTokens: most } : {}) }
}

function halfOf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2))
}

/** JSON loses its end and so fits no schema; a tool's input loses its fields and gains an unknown one. */
function broken(block: JsonObject): JsonObject {
  if (typeof block.text === 'string')
    return {
      ...block,
      text: /[}\]]\s*$/.test(block.text)
        ? block.text.replace(/[}\]]\s*$/, '')
        : `{"broken": ${JSON.stringify(block.text)}`,
    }
  if (block.type === 'tool_use' && isJsonObject(block.input)) return { ...block, input: { unexpected_field: null } }
  return block
}
