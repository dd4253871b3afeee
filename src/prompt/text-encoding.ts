// The encodings of text that we accept: UTF-8 with or without a byte order mark, UTF-16 with one.

import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** The decoder for a file that begins with these bytes; it takes off the byte order mark and throws at what is no text. */
export function textDecoderFor(head: Uint8Array): TextDecoder {
  return new TextDecoder(encodingOf(head), { fatal: true })
}

/** The whole text of a file; or why it is not one, as a clause that follows the file's name. */
export function decodeText(bytes: Uint8Array): { text: string } | { reason: string } {
  const encoding = encodingOf(bytes)
  if (encoding === 'utf-8') {
    if (!isUtf8(bytes)) {
      const offset = firstBadByte(bytes)
      return {
        reason: `is not UTF-8 text: the byte at offset ${offset.toLocaleString('en-US')} (0x${hex(bytes[offset])}) does not belong there`,
      }
    }
    const nul = bytes.indexOf(0)
    if (nul >= 0) return { reason: `is no text: there is a NUL byte at offset ${nul.toLocaleString('en-US')}` }
  }
  try {
    return { text: textDecoderFor(bytes).decode(bytes) }
  } catch {
    return { reason: `begins like ${encoding.toUpperCase()} text but is not` }
  }
}

function encodingOf(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

/** Halves the range until the first byte after which the beginning is no longer UTF-8 is found. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isValidBeginning(bytes, middle)) good = middle
    else bad = middle
  }
  return good
}

/** Whether the first `length` bytes are UTF-8, the last character perhaps unfinished. */
function isValidBeginning(bytes: Uint8Array, length: number): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true })
    return true
  } catch {
    return false
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0')
}
