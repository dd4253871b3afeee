// A request as the answering side sees it: its parts in the order in which a model would read them, as text.

import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../core/json.ts'
import type { AskedDocument, DocumentReader } from './documents.ts'

export interface AskedPart {
  readonly from: 'tools' | 'system' | 'user' | 'assistant' | 'tool_result'
  readonly text: string
  readonly document?: AskedDocument
  /** Of an image. */
  readonly imageTokens?: number
  /** A cache breakpoint stands behind this part. */
  readonly cache?: '5m' | '1h'
}

export interface Asked {
  readonly params: JsonObject
  readonly parts: readonly AskedPart[]
}

/** Throws ApiError for a document that cannot be read. Not a promise unless something has to be waited for. */
export function readAsked(params: JsonObject, documents: DocumentReader): Asked | Promise<Asked> {
  const parts: (AskedPart | Promise<AskedPart>)[] = []
  if (Array.isArray(params.tools)) {
    for (const tool of params.tools as JsonArray) {
      if (isJsonObject(tool)) parts.push(withCache({ from: 'tools', text: JSON.stringify(tool) }, tool))
    }
  }
  if (typeof params.system === 'string') parts.push({ from: 'system', text: params.system })
  else
    for (const block of blocksOf(params.system))
      parts.push(withCache({ from: 'system', text: stringOf(block.text) }, block))
  for (const [place, message] of messagesOf(params).entries()) {
    const from = message.role === 'assistant' ? 'assistant' : message.role === 'system' ? 'system' : 'user'
    if (typeof message.content === 'string') parts.push({ from, text: message.content })
    else {
      for (const [at, block] of blocksOf(message.content).entries()) {
        readBlock(block, from, `messages.${place}.content.${at}`, documents, parts)
      }
    }
  }
  // The top-level cache_control puts the breakpoint behind the last part.
  const isWaiting = parts.some((part) => part instanceof Promise)
  if (isWaiting) return Promise.all(parts).then((ready) => finish(params, ready))
  return finish(params, parts as AskedPart[])
}

function finish(params: JsonObject, parts: AskedPart[]): Asked {
  const last = parts.at(-1)
  if (last !== undefined && isJsonObject(params.cache_control)) parts[parts.length - 1] = withCache(last, params)
  return { params, parts }
}

function readBlock(
  block: JsonObject,
  from: 'user' | 'assistant' | 'system' | 'tool_result',
  place: string,
  documents: DocumentReader,
  parts: (AskedPart | Promise<AskedPart>)[],
): void {
  if (block.type === 'document') {
    const read = documents.read(block, place)
    const partOf = (document: AskedDocument) => withCache({ from, text: document.text, document }, block)
    parts.push(read instanceof Promise ? read.then(partOf) : partOf(read))
  } else if (block.type === 'image') {
    const read = documents.readImage(block, place)
    const partOf = (imageTokens: number) => withCache({ from, text: '', imageTokens }, block)
    parts.push(read instanceof Promise ? read.then(partOf) : partOf(read))
  } else if (block.type === 'tool_result') {
    if (typeof block.content === 'string') parts.push(withCache({ from: 'tool_result', text: block.content }, block))
    else {
      for (const [at, inner] of blocksOf(block.content).entries()) {
        readBlock(inner, 'tool_result', `${place}.content.${at}`, documents, parts)
      }
      if (blocksOf(block.content).length === 0) parts.push(withCache({ from: 'tool_result', text: '' }, block))
    }
  } else if (block.type === 'search_result') {
    const texts = blocksOf(block.content).map((inner) => stringOf(inner.text))
    parts.push(withCache({ from, text: [stringOf(block.title), ...texts].join('\n') }, block))
  } else if (block.type === 'tool_use') {
    parts.push(withCache({ from, text: JSON.stringify(block.input ?? {}) }, block))
  } else parts.push(withCache({ from, text: stringOf(block.text) }, block))
}

function withCache(part: AskedPart, block: JsonObject): AskedPart {
  if (!isJsonObject(block.cache_control)) return part
  return { ...part, cache: block.cache_control.ttl === '1h' ? '1h' : '5m' }
}

export function messagesOf(params: JsonObject): JsonObject[] {
  return blocksOf(params.messages)
}

export function blocksOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as Json[]).filter(isJsonObject) : []
}

export function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The text of the last user message, tool results aside. */
export function lastUserText(asked: Asked): string {
  const message = messagesOf(asked.params).findLast((one) => one.role === 'user')
  if (message === undefined) return ''
  if (typeof message.content === 'string') return message.content
  return blocksOf(message.content)
    .filter((block) => block.type === 'text')
    .map((block) => stringOf(block.text))
    .join('\n')
}

/** Everything that was said in words: what a fault's or a fixture's pattern is matched against. */
export function textOf(asked: Asked): string {
  const texts: string[] = []
  for (const part of asked.parts) {
    if (part.from === 'tools') continue
    if (part.document?.title !== undefined) texts.push(part.document.title)
    if (part.document?.context !== undefined) texts.push(part.document.context)
    texts.push(part.text)
  }
  return texts.join('\n')
}
