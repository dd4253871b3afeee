/** Small pieces of the sentences in which we report what is wrong. */

const SHOWN_LENGTH = 60

/** A value as a person would name it in "it is …": a short JSON text, or what kind of thing it is. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'string') return quoted(value)
  if (value === undefined) return 'missing'
  return String(value)
}

/** The text in quotes, cut to a readable length, control characters escaped. */
export function quoted(text: string): string {
  const letters = [...text.slice(0, SHOWN_LENGTH * 2 + 2)]
  if (letters.length <= SHOWN_LENGTH && text.length <= SHOWN_LENGTH * 2) return JSON.stringify(text)
  return `${JSON.stringify(letters.slice(0, SHOWN_LENGTH).join(''))} …`
}

/** 'a', 'a or b', 'a, b or c'. */
export function listed(words: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  if (words.length <= 1) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words[words.length - 1]}`
}

/** '1 problem', '2,000 batches', '3 entries'. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural(noun)}`
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(ch|sh|s|x)$/.test(noun) ? `${noun}es` : `${noun}s`
}

/** '12.50 USD', '0.0312 USD', '0.00042 USD': small amounts keep two digits that say something. */
export function dollars(usd: number): string {
  if (usd === 0) return '0.00 USD'
  return `${Math.abs(usd) < 0.01 ? usd.toPrecision(2) : usd.toFixed(Math.abs(usd) < 1 ? 4 : 2)} USD`
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'an object',
}

/** The JSON Schema types in words: 'a text', 'a list or null'. */
export function typeInWords(types: string | readonly string[]): string {
  const list = typeof types === 'string' ? [types] : types
  return listed(list.map((type) => TYPE_WORDS[type] ?? type))
}
