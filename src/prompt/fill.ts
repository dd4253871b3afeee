// Job × Row → the filled prompt: every template rendered, every document looked at.

import { hasHalfCharacter } from '../core/half-character.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import type { DocumentKind } from '../core/prompt.ts'
import { DocumentError } from './document-error.ts'
import type { DocumentReader } from './documents.ts'
import {
  type FilledDocument,
  type FilledMessage,
  type FilledPrompt,
  type FilledText,
  joined,
  lastUserMessage,
  slotValues,
} from './filled.ts'
import type { CachedText, JobDocument, JobTemplates, JobText } from './job-templates.ts'
import type { PlainTemplate } from './plain-template.ts'
import { checkLength } from './template-error.ts'

/** A row for which the job asks nothing, or something that no provider takes. */
export class EmptyPromptError extends Error {}

/** The texts of a row's prompt. Blank texts are left out, because providers refuse them. */
export function fillTexts(templates: JobTemplates, context: JsonObject): FilledPrompt {
  const system = templates.system === undefined ? undefined : filledText('s', templates.system, context)
  const messages = templates.messages.map(({ role, content }, index): FilledMessage => {
    const texts: FilledText[] = []
    for (const [position, text] of content.entries()) {
      const filled = filledText(`m${index}.${position}`, text, context)
      if (filled !== undefined) texts.push(filled)
    }
    return { role, content: texts }
  })
  return { system: system === undefined ? [] : [system], messages }
}

/** Puts documents into the last user message, before its texts. */
export function withDocuments(prompt: FilledPrompt, documents: readonly (FilledText | FilledDocument)[]): FilledPrompt {
  const last = lastUserMessage(prompt.messages)
  const messages = prompt.messages.map((message, index) =>
    index === last ? { ...message, content: [...documents, ...message.content] } : message,
  )
  return { ...prompt, messages }
}

/** Throws EmptyPromptError for a message without content. `instructed`: the last user message gets the schema. */
export function checkMessages({ messages }: FilledPrompt, job: Job): void {
  const instructed = job.output?.mode === 'prompt' ? lastUserMessage(messages) : -1
  for (const [index, { role, content }] of messages.entries()) {
    if (content.length > 0 || index === instructed) continue
    const which = messages.length === 1 ? 'The prompt' : `Message ${index + 1} of ${messages.length} (${role})`
    throw new EmptyPromptError(`${which} is empty for this row.`)
  }
}

/** Throws DocumentError for a text that no provider takes. */
export function checkTexts(prompt: FilledPrompt): void {
  for (const value of slotValues(prompt)) {
    if (typeof value !== 'string' || !hasHalfCharacter(value)) continue
    throw new DocumentError(
      'A text of this row holds half a character (a lone surrogate, as \\ud83d), which no provider takes.',
      'It was cut in the middle of a character, often an emoji: mend the data, or cut it with the helper truncate.',
    )
  }
}

/** One entry of `documents`: the document, and for an image the words that go with it. */
export async function fillDocument(
  document: JobDocument,
  name: string,
  context: JsonObject,
  reader: DocumentReader,
): Promise<(FilledText | FilledDocument)[]> {
  const { spec, from } = document
  const whole = rendered(document.source, context)
  const text = from === 'text' ? whole : whole.trim()
  if (whole.trim() === '') throw new DocumentError(`The ${NOUNS[from]} of the document is empty for this row.`)
  const found = from === 'file' ? await fileSource(text, document, reader) : otherSource(from, text)
  const title = named(`${name}t`, document.title, context)
  const about = named(`${name}c`, document.context, context)
  const filled = { type: 'document', name, ...found, citations: spec.citations, cache: spec.cache } as const
  if (found.kind !== 'image') return [{ ...filled, title, context: about }]
  if (spec.citations) {
    throw new DocumentError(
      `${text} is an image, and images cannot be cited.`,
      'Leave out citations, or give the images an entry of documents of their own.',
    )
  }
  // Image blocks have no title or context of their own; the words before them are read just so.
  const words = [title?.text, about?.text].filter((line) => line !== undefined).join('\n')
  const image: FilledDocument = { ...filled, title: undefined, context: undefined }
  return words === ''
    ? [image]
    : [{ type: 'text', name: `${name}w`, text: words, isConstant: false, cache: undefined }, image]
}

const NOUNS: Readonly<Record<JobDocument['from'], string>> = {
  file: 'path',
  url: 'URL',
  text: 'text',
  fileId: 'file id',
}

type Source = Pick<FilledDocument, 'kind' | 'mediaType' | 'source'>

async function fileSource(path: string, { spec }: JobDocument, reader: DocumentReader): Promise<Source> {
  const ref = await reader.inspect(path, spec)
  return { kind: ref.kind, mediaType: ref.mediaType, source: { type: 'file', ref } }
}

function otherSource(from: 'url' | 'text' | 'fileId', text: string): Source {
  const source = { type: from, text } as const
  if (from === 'text') return { kind: 'text', mediaType: 'text/plain', source }
  // The provider knows what is behind the id; documents are what its Files API is for.
  if (from === 'fileId') return { kind: 'pdf', mediaType: 'application/pdf', source }
  return { ...kindOfUrl(text), source }
}

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/** Nothing is fetched while planning, so the ending of the path has to say what it is. */
function kindOfUrl(text: string): { kind: DocumentKind; mediaType: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new DocumentError(`${text} is not a URL that begins with https:// or http://.`)
  }
  const image = IMAGES[/\.(\w+)$/.exec(url.pathname)?.[1]?.toLowerCase() ?? '']
  return image === undefined ? { kind: 'pdf', mediaType: 'application/pdf' } : { kind: 'image', mediaType: image }
}

function filledText(name: string, { text, cache }: CachedText, context: JsonObject): FilledText | undefined {
  const plain = text.constant === undefined ? text.plain : undefined
  if (plain !== undefined) return wovenText(name, plain, { text, cache }, context)
  const value = rendered(text, context)
  if (value.trim() === '') return undefined
  return { type: 'text', name, text: value, isConstant: text.constant !== undefined, cache }
}

function wovenText(
  name: string,
  { constants, values }: PlainTemplate,
  { text, cache }: CachedText,
  context: JsonObject,
): FilledText | undefined {
  const woven = { constants, values: values(context) }
  const value = checkLength(joined(constants, woven.values), text.spec)
  return value.trim() === '' ? undefined : { type: 'text', name, text: value, isConstant: false, woven, cache }
}

function named(name: string, text: JobText | undefined, context: JsonObject): FilledText | undefined {
  return text === undefined ? undefined : filledText(name, { text, cache: undefined }, context)
}

function rendered(text: JobText, context: JsonObject): string {
  return text.constant ?? text.render(context)
}
