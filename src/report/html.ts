// HTML that is safe by default: what is put into a template is escaped unless it is HTML already.

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

/**
 * Characters that a page would not show as what they are: controls but tab and line feed, marks that reorder text, what
 * takes no room, and tags that only a model reads.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu
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

export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
  })
}

/** At most `limit` characters, and how many more there are. A pair of surrogates is not torn. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  const kept = text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)
  return `${kept} … (${(text.length - kept.length).toLocaleString('en-US')} more characters)`
}
