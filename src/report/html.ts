// HTML that is safe by default: what is put into a template is escaped unless it is HTML already.

import { visible } from '../core/safe-text.ts'

/** A piece of HTML that may stand in a page as it is. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | null | undefined | readonly Part[]

/** Texts are escaped, lists joined, null and undefined left out. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = texts[0] ?? ''
  for (const [at, part] of parts.entries()) text += textOf(part) + (texts[at + 1] ?? '')
  return new Html(text)
}

function textOf(part: Part): string {
  if (part === null || part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'string') return escaped(part)
  return typeof part === 'number' ? String(part) : part.map(textOf).join('')
}

const SPECIAL = /[&<>"'`]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** For text and for attributes in quotes; an unseen character becomes its code point, as in [U+202E]. */
export function escaped(text: string): string {
  return visible(text).replace(SPECIAL, (character) => ENTITIES[character] ?? character)
}

/** At most `limit` characters, and how many more there are. A pair of surrogates is not torn. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  const kept = text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)
  return `${kept} … (${(text.length - kept.length).toLocaleString('en-US')} more characters)`
}
