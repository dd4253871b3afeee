// A row's prompt before it has a shape: what is there, what is the same for all rows, and what is the row's own.

import type { CacheTtl, Job } from '../core/job.ts'
import type { DocumentKind, DocumentRef, Prompt, PromptPart, PromptSource, PromptTool } from '../core/prompt.ts'
import { outputInstruction } from './output-instruction.ts'

export interface FilledText {
  readonly type: 'text'
  /** Which text of the job it is. */
  readonly name: string
  readonly text: string
  /** The same in every row, so it belongs to the shape. */
  readonly isConstant: boolean
  /** The text as a plain template puts it together: what is the row's own stands between what is the same. */
  readonly woven?: Woven
  readonly cache: CacheTtl | undefined
}

/** `constants[0] values[0] constants[1] values[1] …`: one more constant than values. */
export interface Woven {
  readonly constants: readonly string[]
  readonly values: readonly string[]
}

export interface FilledDocument {
  readonly type: 'document'
  readonly name: string
  readonly kind: DocumentKind
  readonly mediaType: string
  readonly source:
    | { readonly type: 'file'; readonly ref: DocumentRef }
    | { readonly type: 'url' | 'text' | 'fileId'; readonly text: string }
  readonly title: FilledText | undefined
  readonly context: FilledText | undefined
  readonly citations: boolean
  readonly cache: CacheTtl | undefined
}

export interface FilledMessage {
  readonly role: 'user' | 'assistant'
  readonly content: readonly (FilledText | FilledDocument)[]
}

export interface FilledPrompt {
  readonly system: readonly FilledText[]
  readonly messages: readonly FilledMessage[]
}

/** What differs from row to row. */
export type SlotValue = string | DocumentRef

/** A name for everything about the prompt that its shape depends on: equal names, equal shapes. */
export function shapeName({ system, messages }: FilledPrompt): string {
  let name = ''
  for (const text of system) name += text.name
  for (const { content } of messages)
    for (const part of content) name += part.type === 'text' ? part.name : documentName(part)
  return name
}

/** The row's own values in the order in which `promptOf` asks for them. */
export function slotValues({ system, messages }: FilledPrompt): SlotValue[] {
  const values: SlotValue[] = []
  const add = (text: FilledText | undefined): void => {
    if (text === undefined || text.isConstant) return
    if (text.woven === undefined) values.push(text.text)
    else for (const value of text.woven.values) values.push(value)
  }
  for (const text of system) add(text)
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'text') {
        add(part)
        continue
      }
      values.push(part.source.type === 'file' ? part.source.ref : part.source.text)
      add(part.title)
      add(part.context)
    }
  }
  return values
}

/** The prompt in no provider's dialect, each of the row's own values replaced by what `slot` answers for it. */
export function promptOf(job: Job, filled: FilledPrompt, slot: (value: SlotValue) => string): Prompt {
  const text = (part: FilledText): string => {
    if (part.isConstant) return part.text
    return part.woven === undefined ? slot(part.text) : joined(part.woven.constants, part.woven.values.map(slot))
  }
  const system = filled.system.map((part) => ({ text: text(part), ...cacheOf(part) }))
  const messages = filled.messages.map(({ role, content }) => ({
    role,
    content: content.map((part): PromptPart => {
      if (part.type === 'text') return { type: 'text', text: text(part), ...cacheOf(part) }
      const { kind, mediaType, citations, title, context } = part
      return {
        type: 'document',
        kind,
        mediaType,
        source: sourceOf(part.source, slot),
        ...(title === undefined ? {} : { title: text(title) }),
        ...(context === undefined ? {} : { context: text(context) }),
        citations,
        ...cacheOf(part),
      }
    }),
  }))
  const { output } = job
  return {
    model: job.model,
    params: job.params,
    system,
    messages: output?.mode === 'prompt' ? withInstruction(messages, outputInstruction(output.schema)) : messages,
    tools: job.tools.map(promptTool),
    ...(output === undefined || output.mode === 'prompt'
      ? {}
      : { output: { mode: output.mode, schema: output.schema } }),
  }
}

/** The text with these values in the places of its own. */
export function joined(constants: readonly string[], values: readonly string[]): string {
  let text = constants[0] ?? ''
  for (let index = 0; index < values.length; index += 1) text += `${values[index]}${constants[index + 1]}`
  return text
}

/** Position of the last message from the user; -1 where there is none. */
export function lastUserMessage(messages: readonly { readonly role: string }[]): number {
  return messages.findLastIndex((message) => message.role === 'user')
}

function withInstruction(messages: Prompt['messages'], instruction: string): Prompt['messages'] {
  const last = lastUserMessage(messages)
  return messages.map((message, index) =>
    index === last ? { ...message, content: [...message.content, { type: 'text', text: instruction }] } : message,
  )
}

function sourceOf(source: FilledDocument['source'], slot: (value: SlotValue) => string): PromptSource {
  switch (source.type) {
    case 'file':
      if (source.ref.upload === 'files') return { type: 'file', fileId: slot(source.ref) }
      return { type: source.ref.encoding, data: slot(source.ref) }
    case 'url':
      return { type: 'url', url: slot(source.text) }
    case 'text':
      return { type: 'text', data: slot(source.text) }
    case 'fileId':
      return { type: 'file', fileId: slot(source.text) }
  }
}

function promptTool(tool: Job['tools'][number]): PromptTool {
  if (tool.type === 'server') return { type: 'server', definition: tool.definition }
  const { name, description, inputSchema } = tool
  return { type: 'client', name, ...(description === undefined ? {} : { description }), inputSchema }
}

function cacheOf({ cache }: { readonly cache: CacheTtl | undefined }): { cache?: CacheTtl } {
  return cache === undefined ? {} : { cache }
}

function documentName({ name, kind, mediaType, source, title, context }: FilledDocument): string {
  const encoding = source.type !== 'file' ? source.type : source.ref.upload === 'files' ? 'fileId' : source.ref.encoding
  return `${name}<${kind} ${mediaType} ${encoding} ${title?.name ?? ''} ${context?.name ?? ''}>`
}
