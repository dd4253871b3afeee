// Texts and documents → content blocks.

import { UserError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { PromptPart, PromptSource } from '../../core/prompt.ts'
import { cacheControl } from './cache-control.ts'

type DocumentPart = Extract<PromptPart, { type: 'document' }>

/** Throws UserError for citations that the API would refuse: of images, or of some documents of a request only. */
export function encodeParts(parts: readonly PromptPart[]): readonly JsonObject[] {
  checkCitations(parts.filter((part) => part.type === 'document'))
  return parts.flatMap((part) => {
    if (part.type === 'text') return [{ type: 'text', text: part.text, ...cacheControl(part.cache) }]
    return part.kind === 'image' ? encodeImage(part) : [encodeDocument(part)]
  })
}

function encodeDocument(part: DocumentPart): JsonObject {
  const { title, context, citations, cache } = part
  return {
    type: 'document',
    source: encodeSource(part),
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...(citations ? { citations: { enabled: true } } : {}),
    ...cacheControl(cache),
  }
}

/** An image block has neither title nor context: they stand before it as text. */
function encodeImage(part: DocumentPart): JsonObject[] {
  const words = [part.title, part.context].filter((text) => text !== undefined && text !== '')
  const before = words.length === 0 ? [] : [{ type: 'text', text: words.join('\n') }]
  return [...before, { type: 'image', source: encodeSource(part), ...cacheControl(part.cache) }]
}

function encodeSource({ source, mediaType, kind }: DocumentPart): JsonObject {
  return encodeSourceOf(source, kind === 'text' ? 'text/plain' : mediaType)
}

function encodeSourceOf(source: PromptSource, mediaType: string): JsonObject {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', media_type: mediaType, data: source.data }
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return { type: 'file', file_id: source.fileId }
  }
}

function checkCitations(documents: readonly DocumentPart[]): void {
  const citable = documents.filter((document) => document.kind !== 'image')
  if (documents.some((document) => document.kind === 'image' && document.citations)) {
    throw new UserError({
      message: 'An image is to be cited, which the API cannot do.',
      hint: 'Take "citations" away from the images.',
    })
  }
  if (citable.some((document) => document.citations) && !citable.every((document) => document.citations)) {
    throw new UserError({
      message: 'Some documents of one request are to be cited and some are not; the API takes all or none.',
      hint: 'Give "citations: true" to every document, or to none.',
    })
  }
}
