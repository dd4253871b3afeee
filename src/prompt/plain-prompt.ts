// A prompt of which every text is constant or plain: what is known of it before a row is seen.

import type { JsonObject } from '../core/json.ts'
import { RESERVED_NAMES, templateContext } from './context.ts'
import type { FilledMessage, FilledPrompt, FilledText } from './filled.ts'
import type { CachedText, JobTemplates } from './job-templates.ts'
import type { PlainTemplate, Slot } from './plain-template.ts'
import { TemplateRowError } from './template-error.ts'

export interface PlainPrompt {
  /** With blank values in the places of a row's. */
  readonly filled: FilledPrompt
  /** What the values are, in the order in which a shape counts them. */
  readonly sources: readonly Source[]
  readonly perhapsBlank: readonly PerhapsBlank[]
}

/** A value of the prompt: a field of the row, what a helper makes of it, or a text that is the same for all rows. */
export type Source = { readonly field: string } | { readonly render: (context: JsonObject) => string } | Constant

/** As it stands between the quotes of a JSON text, and how many bytes it has once it is read. */
export interface Constant {
  readonly json: string
  readonly bytes: number
}

/** Values `from` (inclusive) to `to` (exclusive) of the prompt: a text that would be left out if they were all blank. */
export interface PerhapsBlank {
  readonly from: number
  readonly to: number
}

/** undefined: a text is more than plain, or no request could be made of it. */
export function plainPrompt({ system, messages, documents, reserved }: JobTemplates): PlainPrompt | undefined {
  if (documents.length > 0) return undefined
  const sources: Source[] = []
  const perhapsBlank: PerhapsBlank[] = []

  /** null: the text is left out of every request. */
  function fill(name: string, { text, cache }: CachedText): FilledText | null | undefined {
    if (text.constant !== undefined) {
      const { constant } = text
      return constant.trim() === '' ? null : { type: 'text', name, text: constant, isConstant: true, cache }
    }
    const { plain } = text
    const found = plain && sourcesOf(plain, reserved)
    if (plain === undefined || found === undefined) return undefined
    const from = sources.length
    sources.push(...found)
    if (plain.constants.join('').trim() === '') perhapsBlank.push({ from, to: sources.length })
    const woven = { constants: plain.constants, values: found.map(() => '') }
    return { type: 'text', name, text: '', isConstant: false, woven, cache }
  }

  const filledSystem = system === undefined ? null : fill('s', system)
  if (filledSystem === undefined) return undefined
  const filledMessages: FilledMessage[] = []
  for (const [index, { role, content }] of messages.entries()) {
    const texts: FilledText[] = []
    for (const [position, text] of content.entries()) {
      const filled = fill(`m${index}.${position}`, text)
      if (filled === undefined) return undefined
      if (filled !== null) texts.push(filled)
    }
    if (texts.length === 0) return undefined
    filledMessages.push({ role, content: texts })
  }
  const filled = { system: filledSystem === null ? [] : [filledSystem], messages: filledMessages }
  return { filled, sources, perhapsBlank }
}

/** undefined: a value that is not a field of the row itself. */
function sourcesOf(plain: PlainTemplate, reserved: JsonObject): Source[] | undefined {
  const sources: Source[] = []
  for (const slot of plain.slots) {
    const source = sourceOf(slot, plain, reserved)
    if (source === undefined) return undefined
    sources.push(source)
  }
  return sources
}

function sourceOf(slot: Slot, plain: PlainTemplate, reserved: JsonObject): Source | undefined {
  if (slot.render !== undefined) return { render: slot.render }
  const [first] = slot.names
  if (first === undefined || !(RESERVED_NAMES as readonly string[]).includes(first)) {
    return slot.name === undefined ? undefined : { field: slot.name }
  }
  try {
    const text = plain.textOf(slot, templateContext({}, reserved))
    return { json: JSON.stringify(text).slice(1, -1), bytes: Buffer.byteLength(text) }
  } catch (error) {
    // Every row will say so, with its own place.
    if (error instanceof TemplateRowError) return undefined
    throw error
  }
}
