import { isJsonObject, type Json, type JsonArray } from '../core/json.ts'

/**
 * What the model said, as it goes back to it: every block as it came, thinking and server tools included, without blank
 * texts, which models sometimes say and the API then refuses to be told.
 */
export function assistantTurn(content: Json): { role: 'assistant'; content: Json } {
  if (!Array.isArray(content)) return { role: 'assistant', content }
  return { role: 'assistant', content: (content as JsonArray).filter((block) => !isBlankText(block)) }
}

/** Whether there is anything to send back: the API refuses an empty turn. */
export function isEmptyTurn({ content }: { readonly content: Json }): boolean {
  return typeof content === 'string' ? content.trim() === '' : Array.isArray(content) && content.length === 0
}

function isBlankText(block: Json): boolean {
  return isJsonObject(block) && block.type === 'text' && typeof block.text === 'string' && block.text.trim() === ''
}
