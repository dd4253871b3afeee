// The turn that asks the model to mend an answer that broke the schema, in plain sentences.

import type { Json } from '../core/json.ts'
import type { Answer } from '../core/result.ts'

/** The model sees at most this many violations: the first ones usually carry the rest. */
const MAX_VIOLATIONS = 20

export function repairMessages(
  mode: 'structured' | 'tool' | 'prompt',
  answer: Answer,
  violations: readonly string[],
): { role: 'user' | 'assistant'; content: Json }[] {
  const words = repairWords(violations)
  const call = mode === 'tool' ? answer.toolCalls[0] : undefined
  // An answer without a block cannot be sent back: the API refuses an empty assistant turn.
  if (Array.isArray(answer.content) && answer.content.length === 0) return [{ role: 'user', content: words }]
  const reply: Json =
    call === undefined ? words : [{ type: 'tool_result', tool_use_id: call.id, is_error: true, content: words }]
  return [
    { role: 'assistant', content: answer.content },
    { role: 'user', content: reply },
  ]
}

function repairWords(violations: readonly string[]): string {
  const shown = violations.slice(0, MAX_VIOLATIONS).map((violation) => `- ${violation}`)
  const more =
    violations.length > MAX_VIOLATIONS ? [`- and ${violations.length - MAX_VIOLATIONS} more of the same kind`] : []
  return [
    'Your answer does not fit the schema that was asked for:',
    ...shown,
    ...more,
    'Give the whole answer again, as JSON that fits the schema, with nothing before or after it.',
  ].join('\n')
}
