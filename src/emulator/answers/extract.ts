// The answer mode that needs no model: sentences of the request's own documents and prompt, so that a person can see
// that the right document went the right way.

import type { JsonObject } from '../../core/json.ts'
import type { Answer, AnswerContext, AnswerMode } from './answer.ts'
import { type Asked, lastUserText } from './asked.ts'
import { chooseSentences, sentencesOf } from './sentences.ts'

const DOCUMENT_CHARACTERS = 700
const PROMPT_CHARACTERS = 300

export function extractMode(): AnswerMode {
  return { answer: extract }
}

function extract(asked: Asked, context: AnswerContext): Answer {
  return {
    content: [{ type: 'text', text: quoted(asked, context.draw).join('\n\n') }] as JsonObject[],
    stopReason: 'end_turn',
  }
}

/** A paragraph for each source: documents, then tool results, then the prompt. */
export function quoted(asked: Asked, draw: string): string[] {
  const sources = asked.parts.filter((part) => part.document !== undefined || part.from === 'tool_result')
  const paragraphs: string[] = []
  for (const [place, part] of sources.entries()) {
    const sentences = chooseSentences(sentencesOf(part.text), DOCUMENT_CHARACTERS / sources.length, `${draw}/${place}`)
    const title = part.document?.title === undefined ? '' : `${part.document.title}: `
    if (sentences.length > 0) paragraphs.push(title + sentences.join(' '))
  }
  const prompt = sentencesOf(lastUserText(asked))
  if (prompt.length > 0) paragraphs.push(chooseSentences(prompt, PROMPT_CHARACTERS, `${draw}/prompt`).join(' '))
  return paragraphs.length > 0 ? paragraphs : ['There is no text in this request.']
}
