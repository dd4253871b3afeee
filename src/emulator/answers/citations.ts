// Text that says where each sentence stands in its document.

import type { JsonObject } from '../../core/json.ts'
import type { Asked, AskedPart } from './asked.ts'
import type { AskedDocument } from './documents.ts'

/** A text block for every sentence, with its place; the prompt's sentences follow without one. */
export function citedBlocks(
  asked: Asked,
  sources: readonly { readonly part: AskedPart; readonly sentences: readonly string[] }[],
  prompt: string,
): JsonObject[] {
  const documents = asked.parts.filter((part) => part.document !== undefined)
  const blocks: JsonObject[] = []
  for (const { part, sentences } of sources) {
    const { document } = part
    for (const sentence of sentences) {
      const block = { type: 'text', text: `${sentence} ` }
      const citations = document === undefined ? [] : [citationOf(sentence, document, documents.indexOf(part))]
      blocks.push(citations.length > 0 ? { ...block, citations } : block)
    }
  }
  if (prompt !== '') blocks.push({ type: 'text', text: prompt })
  return blocks
}

function citationOf(sentence: string, document: AskedDocument, index: number): JsonObject {
  const common = { document_index: index, document_title: document.title ?? null, file_id: null }
  const places = document.pages.map((page) => placeIn(page, sentence))
  const page = Math.max(
    0,
    places.findIndex((place) => place !== undefined),
  )
  if (document.kind === 'pdf') {
    const pages = { start_page_number: page + 1, end_page_number: page + 2 }
    return { type: 'page_location', cited_text: sentence, ...common, ...pages }
  }
  if (document.kind === 'content') {
    const blocks = { start_block_index: page, end_block_index: page + 1 }
    return { type: 'content_block_location', cited_text: document.pages[page] ?? sentence, ...common, ...blocks }
  }
  const place = places[0] ?? { start: 0, end: document.text.length }
  return {
    type: 'char_location',
    cited_text: document.text.slice(place.start, place.end),
    ...common,
    start_char_index: place.start,
    end_char_index: place.end,
  }
}

/** Where a sentence stands, whatever white space lies between its words. */
function placeIn(text: string, sentence: string): { start: number; end: number } | undefined {
  const words = sentence.split(' ').map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const found = new RegExp(words.join('\\s+')).exec(text)
  return found === null ? undefined : { start: found.index, end: found.index + found[0].length }
}
