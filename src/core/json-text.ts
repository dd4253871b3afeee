const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const DELETE = 127

/** JSON.stringify of a text; quicker for a short one that is plain, as names and ids are. */
export function jsonText(text: string): string {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < SPACE || unit === QUOTE || unit === BACKSLASH || unit >= DELETE) return JSON.stringify(text)
  }
  return `"${text}"`
}
