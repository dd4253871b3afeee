// From what a handler gave to what the model reads.

import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../core/json.ts'
import type { ToolResult } from './tool.ts'

/** A text of this size is some 300,000 tokens, more than most models can hold. Bytes of UTF-8. */
export const MAX_RESULT_BYTES = 1_000_000

/** Of a message that says what went wrong. */
export const MAX_MESSAGE_CHARACTERS = 10_000

/** The API refuses an error without words. */
export function errorResult(message: string): ToolResult {
  const words = message.trim() === '' ? 'The tool failed without saying why.' : message.slice(0, MAX_MESSAGE_CHARACTERS)
  return { content: wellFormed(words), isError: true }
}

export function tooLarge(bytes: number | 'more'): ToolResult {
  const limit = MAX_RESULT_BYTES.toLocaleString('en-US')
  const size = bytes === 'more' ? `more than ${limit} bytes` : `${bytes.toLocaleString('en-US')} bytes`
  return errorResult(`The tool gave ${size}, which is too much: a result has at most ${limit} bytes. Ask for less.`)
}

/** What a command printed, or a server answered: a JSON list of content blocks, or a text, which may be JSON too. */
export function resultOfText(text: string): ToolResult {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_RESULT_BYTES) return tooLarge(bytes)
  const trimmed = text.trim()
  const blocks = trimmed.startsWith('[') ? blocksOf(parsed(trimmed)) : undefined
  return { content: blocks ?? wellFormed(text.replace(/\r?\n$/, '')), isError: false }
}

/** What a function returned; undefined: nothing, which the model sees as an empty result. */
export function resultOfValue(value: Json | undefined): ToolResult {
  if (value === undefined) return { content: '', isError: false }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_RESULT_BYTES) return tooLarge(bytes)
  return { content: blocksOf(value) ?? wellFormed(text), isError: false }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** The value as content blocks, when it is a list of nothing else; blank texts, which the API refuses, are left out. */
function blocksOf(value: Json): readonly JsonObject[] | string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const items = value as JsonArray
  if (!items.every((item): item is JsonObject => isJsonObject(item) && isBlock(item))) return undefined
  const blocks = (items as readonly JsonObject[]).filter(
    (item) => item.type !== 'text' || String(item.text).trim() !== '',
  )
  return blocks.length === 0 ? '' : blocks
}

/** Data of the user's own may have a `type` as well, so a block also needs what its type carries. */
function isBlock(item: JsonObject): boolean {
  switch (item.type) {
    case 'text':
      return typeof item.text === 'string'
    case 'image':
    case 'document':
      return isJsonObject(item.source)
    case 'search_result':
      return Array.isArray(item.content)
    default:
      return false
  }
}

/** Without halves of surrogate pairs, which are no text in JSON of the API. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
