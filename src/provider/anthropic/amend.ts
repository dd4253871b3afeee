import { invariant } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { FollowUpEdit } from '../../core/prompt.ts'

/** The body of a follow-up: what was sent, with more room for the answer or with further turns. */
export function amend(body: JsonObject, edit: FollowUpEdit): JsonObject {
  if (edit.type === 'more_room') return { ...body, max_tokens: edit.maxTokens }
  const sent = body.messages
  invariant(Array.isArray(sent), 'A body that was sent has no messages.')
  return { ...body, messages: [...(sent as readonly Json[]), ...(edit.messages as readonly Json[])] }
}
