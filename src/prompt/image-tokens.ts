/** Pixels on each side of the square that becomes one token. */
const PATCH = 28
/** The largest cap of any model that we know of: for a model that we do not know. */
const MOST_TOKENS = 4784

/**
 * What an image of this many pixels costs: one of more tokens than the model takes is made smaller before the model sees it.
 *
 * @param mostTokens the model's cap; absent: not known
 */
export function imageTokens(width: number, height: number, mostTokens = MOST_TOKENS): number {
  return Math.min(mostTokens, Math.ceil(width / PATCH) * Math.ceil(height / PATCH))
}
