/** Pixels on each side of the square that becomes one token. */
const PATCH = 28
/** Newer models cap an image here; older ones at 1,568, so for those the estimate is high, never low. */
const MAX_TOKENS = 4784

/** What an image of this many pixels costs at most: images of more tokens are made smaller before the model sees them. */
export function imageTokens(width: number, height: number): number {
  return Math.min(MAX_TOKENS, Math.ceil(width / PATCH) * Math.ceil(height / PATCH))
}
