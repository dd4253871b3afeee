/** Makes text that somebody else wrote harmless on a terminal and in a log. */

/**
 * Characters that neither a terminal nor a page shows as what they are: controls but tab and line feed, marks that reorder
 * text, what takes no room, and tags that only a model reads.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu
/** On one line, line ends and tabs too. */
const HARMFUL = new RegExp(`[\\t\\n]|${UNSEEN.source}`, 'gu')
const API_KEY = /\bsk-[A-Za-z0-9_-]{8,}/g

/** Harmful characters become `\u001b`; whatever looks like an API key becomes asterisks of the same length. */
export function safeText(text: string): string {
  return escapeControls(text.replace(API_KEY, (key) => `sk-${'*'.repeat(key.length - 3)}`))
}

/** For JSON text, in which JSON.stringify has left the control characters above 127 as they are. */
export function escapeControls(text: string): string {
  return text.replace(HARMFUL, (character) => {
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}

/** An unseen character becomes its code point, as in [U+202E]. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
  })
}

/** How many columns of a terminal the text takes: two for CJK and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
