// The answer mode that needs no model: sentences of the request's own documents and prompt, so that a person can see
// that the right document went the right way.

import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { valueForSchema } from '../schema/schema-value.ts'
import { seededBytes, seededId } from '../state/seeded.ts'
import type { Answer, AnswerContext, AnswerMode } from './answer.ts'
import { type Asked, type AskedPart, lastUserText } from './asked.ts'
import { formOf } from './asked-form.ts'
import { citedBlocks } from './citations.ts'
import { chooseSentences, sentencesOf } from './sentences.ts'
import { textTokens } from './tokens.ts'

const DOCUMENT_CHARACTERS = 700
const PROMPT_CHARACTERS = 300

export function extractMode(): AnswerMode {
  return { answer: extract }
}

function extract(asked: Asked, { draw, model }: AnswerContext): Answer {
  const form = formOf(asked, draw)
  const thought = thinkingBlocks(asked, draw)
  const thinkingTokens = thought.reduce((sum, block) => sum + textTokens(String(block.thinking), model), 0)
  const more = thought.length > 0 ? { thinkingTokens } : {}
  if (form.type === 'tool') {
    const input = valueForSchema(form.schema, phrasesOf(asked, draw), draw)
    const call = { type: 'tool_use', id: seededId('toolu', draw), name: form.name, input }
    return { content: [...thought, call], stopReason: 'tool_use', ...more }
  }
  if (form.type === 'json') {
    const text = JSON.stringify(valueForSchema(form.schema, phrasesOf(asked, draw), draw))
    return { content: [...thought, { type: 'text', text }], stopReason: 'end_turn', ...more }
  }
  return { content: [...thought, ...textBlocks(asked, draw)], stopReason: 'end_turn', ...more }
}

interface Source {
  readonly part: AskedPart
  readonly sentences: readonly string[]
}

/** Documents and tool results, each with a share of the room. */
function sourcesOf(asked: Asked, draw: string): Source[] {
  const parts = asked.parts.filter((part) => part.document !== undefined || part.from === 'tool_result')
  const room = DOCUMENT_CHARACTERS / parts.length
  return parts
    .map((part, place) => ({ part, sentences: chooseSentences(sentencesOf(part.text), room, `${draw}/${place}`) }))
    .filter(({ sentences }) => sentences.length > 0)
}

function promptSentences(asked: Asked, draw: string): string[] {
  // A schema that stands in the prompt is no sentence.
  const sentences = sentencesOf(lastUserText(asked)).filter((sentence) => !/^[{[]|json schema:$/i.test(sentence))
  return chooseSentences(sentences, PROMPT_CHARACTERS, `${draw}/prompt`)
}

/** A paragraph for each source, then one of the prompt. */
function textBlocks(asked: Asked, draw: string): JsonObject[] {
  const sources = sourcesOf(asked, draw)
  const prompt = promptSentences(asked, draw).join(' ')
  if (sources.some(({ part }) => part.document?.citations === true)) return citedBlocks(asked, sources, prompt)
  const paragraphs = sources.map(({ part, sentences }) => {
    const title = part.document?.title
    return `${title === undefined ? '' : `${title}: `}${sentences.join(' ')}`
  })
  if (prompt !== '') paragraphs.push(prompt)
  if (paragraphs.length === 0) paragraphs.push(fallback(asked))
  return [{ type: 'text', text: paragraphs.join('\n\n') }]
}

/** What goes into the strings of a value: first a sentence of every source, then the others, then the prompt. */
function phrasesOf(asked: Asked, draw: string): string[] {
  const sources = sourcesOf(asked, draw)
  const phrases: string[] = []
  const longest = Math.max(0, ...sources.map(({ sentences }) => sentences.length))
  for (let at = 0; at < longest; at++) {
    for (const { sentences } of sources) {
      const sentence = sentences[at]
      if (sentence !== undefined) phrases.push(sentence)
    }
  }
  phrases.push(...promptSentences(asked, draw))
  return phrases.length > 0 ? phrases : [fallback(asked)]
}

function fallback(asked: Asked): string {
  const system = asked.parts.find((part) => part.from === 'system')?.text
  return (system === undefined ? undefined : sentencesOf(system)[0]) ?? 'There is no text in this request.'
}

/** Where thinking is asked for, one short block of it stands first. */
function thinkingBlocks(asked: Asked, draw: string): JsonObject[] {
  const thinking = asked.params.thinking
  if (!isJsonObject(thinking) || (thinking.type !== 'enabled' && thinking.type !== 'adaptive')) return []
  const thought = `The request says: ${sentencesOf(lastUserText(asked))[0] ?? 'nothing in words'}`
  return [{ type: 'thinking', thinking: thought, signature: seededBytes('signature', draw).toString('base64') }]
}
