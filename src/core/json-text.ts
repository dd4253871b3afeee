const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const DELETE = 127

/** Whether a text is ASCII and stands in JSON as it is, as names and ids do. Meant for short ones. */
export function isPlainText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < SPACE || unit === QUOTE || unit === BACKSLASH || unit >= DELETE) return false
  }
  return true
}
