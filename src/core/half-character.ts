// Half of a surrogate pair: JavaScript and JSON's escapes can hold it, UTF-8 cannot. It comes of texts that were cut
// between the two halves of an emoji.

/** Providers refuse a body that has one, and with it all requests of the batch. */
export function hasHalfCharacter(text: string): boolean {
  return HALF.test(text)
}

const HALF = /\p{Surrogate}/u
