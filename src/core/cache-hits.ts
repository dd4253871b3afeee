// Prompt caching as it was forecast, and as it came.

/** Tokens, and USD (null: the price is unknown). */
export interface CacheHits {
  readonly expected_read_tokens: number
  readonly expected_write_tokens: number
  readonly expected_saved_usd: number | null
  readonly read_tokens: number
  readonly write_tokens: number
  /** Negative: writing cost more than reading saved. */
  readonly saved_usd: number | null
}

/**
 * "Cache: 62 % of the marked tokens were read, forecast 60 %; it saved 0.11 USD, forecast 0.10 USD."
 *
 * @param usd how the place writes money
 */
export function cacheWords(hits: CacheHits, usd: (usd: number) => string): string {
  const expected = shareWords(hits.expected_read_tokens, hits.expected_write_tokens)
  const actual = shareWords(hits.read_tokens, hits.write_tokens)
  const forecast = expected === undefined ? 'forecast none' : `forecast ${expected}`
  if (actual === undefined) return `Cache: nothing has been read or written, ${forecast}.`
  return `Cache: ${actual} of the marked tokens were read, ${forecast}${savedWords(hits, usd)}.`
}

function savedWords(
  { saved_usd: saved, expected_saved_usd: expected }: CacheHits,
  usd: (usd: number) => string,
): string {
  if (saved === null) return ''
  const told = saved < 0 ? `it cost ${usd(-saved)} more than it saved` : `it saved ${usd(saved)}`
  return expected === null
    ? `; ${told}`
    : `; ${told}, forecast ${expected < 0 ? `a loss of ${usd(-expected)}` : usd(expected)}`
}

/** Of what was marked either part is told in whole percent; undefined: there was nothing. */
function shareWords(read: number, written: number): string | undefined {
  return read + written === 0 ? undefined : `${Math.round((100 * read) / (read + written))} %`
}
