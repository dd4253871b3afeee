// The turn that asks the model to mend an answer that broke the schema, in plain sentences.

import type { Json } from '../core/json.ts'
import { ANSWER_TOOL } from '../core/prompt.ts'
import type { Answer } from '../core/result.ts'
import { assistantTurn, isEmptyTurn } from './assistant-turn.ts'
import type { OutputMode } from './check-output.ts'

/** The model sees at most this many violations: the first ones usually carry the rest. */
const MAX_VIOLATIONS = 20

export function repairMessages(
  mode: OutputMode,
  answer: Answer,
  violations: readonly string[],
): { role: 'user' | 'assistant'; content: Json }[] {
  const words = repairWords(mode, violations)
  const said = assistantTurn(answer.content)
  if (isEmptyTurn(said)) return [{ role: 'user', content: words }]
  return [said, { role: 'user', content: answer.toolCalls.length === 0 ? words : toolResults(answer, words) }]
}

/** The API wants a result for every call of the turn, also for those that were made beside the answer. */
function toolResults({ toolCalls }: Answer, words: string): Json {
  const isAnswered = toolCalls.some(({ name }) => name === ANSWER_TOOL)
  const results = toolCalls.map(({ id, name }, index) => {
    const isTold = isAnswered ? name === ANSWER_TOOL : index === 0
    const content = isTold ? words : 'Not run: the answer was given in the same turn.'
    return { type: 'tool_result', tool_use_id: id, is_error: true, content }
  })
  return results
}

function repairWords(mode: OutputMode, violations: readonly string[]): string {
  const shown = violations.slice(0, MAX_VIOLATIONS).map((violation) => `- ${violation}`)
  const rest = violations.length - MAX_VIOLATIONS
  return [
    'Your answer does not fit the schema that was asked for:',
    ...shown,
    ...(rest > 0 ? [`- and ${rest} more of the same kind`] : []),
    mode === 'tool'
      ? `Call the tool "${ANSWER_TOOL}" again with the whole answer, so that it fits the schema.`
      : 'Give the whole answer again, as JSON that fits the schema, with nothing before or after it.',
  ].join('\n')
}
