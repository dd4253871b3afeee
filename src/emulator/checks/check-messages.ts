// The conversation: its roles and blocks.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { invalidRequest } from '../api-error.ts'
import type { ModelFacts } from '../models.ts'
import { checkDocument, checkImage } from './check-sources.ts'
import { listAt, objectAt, oneOf, onlyKeys, stringAt } from './fields.ts'

const MAX_MESSAGES = 100_000
const INNER_TYPES = ['text', 'image', 'document', 'search_result', 'tool_reference']

export interface MessageRules {
  readonly model: ModelFacts
  readonly isNewVersion: boolean
}

export function checkSystem(system: Json | undefined): void {
  if (system === undefined || system === null || typeof system === 'string') return
  for (const [at, block] of listAt(system, 'system').entries()) {
    const place = `system.${at}`
    oneOf(objectAt(block, place).type, ['text'], `${place}.type`)
    checkText(objectAt(block, place), place, 'system')
  }
}

export function checkMessages(messages: readonly Json[], rules: MessageRules): void {
  if (messages.length === 0) throw invalidRequest('messages: at least one message is required')
  if (messages.length > MAX_MESSAGES) {
    throw invalidRequest(
      `messages: List should have at most ${MAX_MESSAGES} items after validation, not ${messages.length}`,
    )
  }
  for (const [at, given] of messages.entries()) {
    const place = `messages.${at}`
    const message = objectAt(given, place)
    const role = oneOf(message.role, ['user', 'assistant', 'system'], `${place}.role`)
    onlyKeys(message, ['role', 'content'], place)
    const isLastAssistant = role === 'assistant' && at === messages.length - 1
    checkContent(message.content, place, role, isLastAssistant, rules)
    if (isLastAssistant) checkPrefill(message, rules.model)
  }
  if (roleOf(messages[0]) === 'assistant') {
    throw invalidRequest('messages: first message must use the "user" role')
  }
}

function checkContent(
  content: Json | undefined,
  place: string,
  role: string,
  mayBeEmpty: boolean,
  rules: MessageRules,
): void {
  const empty = `${place}: all messages must have non-empty content except for the optional final assistant message`
  if (typeof content === 'string') {
    if (content === '' && !mayBeEmpty) throw invalidRequest(empty)
    return
  }
  const blocks = listAt(content, `${place}.content`)
  if (blocks.length === 0 && !mayBeEmpty) throw invalidRequest(empty)
  for (const [at, block] of blocks.entries()) checkBlock(block, `${place}.content.${at}`, role, rules)
}

function checkBlock(given: Json, place: string, role: string, rules: MessageRules): void {
  const block = objectAt(given, place)
  const type = stringAt(block.type, `${place}.type`)
  switch (type) {
    case 'text':
      checkText(block, `${place}.text`, 'messages')
      if (rules.isNewVersion && role === 'user' && Array.isArray(block.citations) && block.citations.length > 0) {
        throw invalidRequest(`${place}.text.citations: citations are not permitted in user messages`)
      }
      return
    case 'image':
      checkImage(block, place)
      return
    case 'document':
      if (rules.isNewVersion && role === 'assistant') {
        throw invalidRequest(`${place}: document blocks are not permitted in assistant messages`)
      }
      checkDocument(block, place)
      return
    case 'tool_result':
      checkToolResult(block, place, role, rules)
      return
    case 'tool_use':
      stringAt(block.id, `${place}.tool_use.id`)
      stringAt(block.name, `${place}.tool_use.name`)
      objectAt(block.input, `${place}.tool_use.input`)
      return
    default:
      if (!KNOWN_TYPES.has(type)) {
        const expected = ['text', 'image', 'document', 'tool_use', 'tool_result', ...KNOWN_TYPES].map(
          (one) => `'${one}'`,
        )
        throw invalidRequest(
          `${place}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${expected.join(', ')}`,
        )
      }
  }
}

/** Blocks that come back from earlier answers or from server tools; the API looks at them, the emulator lets them pass. */
const KNOWN_TYPES = new Set([
  'search_result',
  'thinking',
  'redacted_thinking',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'container_upload',
  'mcp_tool_use',
  'mcp_tool_result',
  'compaction',
])

function checkToolResult(block: JsonObject, place: string, role: string, rules: MessageRules): void {
  if (role !== 'user') throw invalidRequest(`${place}: \`tool_result\` blocks can only be in \`user\` messages`)
  stringAt(block.tool_use_id, `${place}.tool_result.tool_use_id`)
  if (block.content === undefined || typeof block.content === 'string') return
  for (const [at, inner] of listAt(block.content, `${place}.tool_result.content`).entries()) {
    const innerPlace = `${place}.tool_result.content.${at}`
    oneOf(objectAt(inner, innerPlace).type, INNER_TYPES, `${innerPlace}.type`)
    if (objectAt(inner, innerPlace).type !== 'tool_reference') checkBlock(inner, innerPlace, role, rules)
  }
}

function checkText(block: JsonObject, place: string, list: string): void {
  const text = stringAt(block.text, `${place}.text`)
  if (text === '') throw invalidRequest(`${list}: text content blocks must be non-empty`)
  if (text.trim() === '') throw invalidRequest(`${list}: text content blocks must contain non-whitespace text`)
}

function checkPrefill(message: JsonObject, model: ModelFacts): void {
  if (!model.prefill) {
    throw invalidRequest(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  const blocks = Array.isArray(message.content) ? (message.content as readonly Json[]) : []
  const last = blocks.at(-1)
  const text = typeof message.content === 'string' ? message.content : isJsonObject(last) ? last.text : undefined
  if (typeof text === 'string' && /\s$/.test(text)) {
    throw invalidRequest('messages: final assistant content cannot end with trailing whitespace')
  }
}

function roleOf(message: Json | undefined): Json | undefined {
  return isJsonObject(message) ? message.role : undefined
}
