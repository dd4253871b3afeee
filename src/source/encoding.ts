// Whatever a text file is written in, its readers get UTF-8 without a byte order mark.

import { UserError } from '../core/errors.ts'

export const ENCODINGS = ['utf-8', 'latin1', 'utf-16le'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * The pieces in UTF-8. `utf-8` is passed on unchecked (who splits it into lines knows the line of a bad byte; see
 * `invalidUtf8`); the others are converted. `latin1` is windows-1252, as on the web: the same letters, and the quotes
 * and the euro sign that Excel writes. Throws UserError for bytes that are not UTF-16.
 */
export async function* utf8Pieces(
  pieces: AsyncIterable<Buffer>,
  encoding: Encoding,
  file: string,
): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8') yield* withoutMark(pieces, file)
  else if (encoding === 'latin1') for await (const piece of pieces) yield fromLatin1(piece)
  else yield* fromUtf16(pieces, file)
}

/** The error for a line that is not UTF-8. `column` counts bytes from 1. */
export function invalidUtf8(file: string, line: number, bytes: Buffer): UserError {
  const column = firstInvalidByte(bytes)
  const byte = (bytes[column] ?? 0).toString(16).padStart(2, '0')
  return new UserError({
    message: `The line is not UTF-8: byte 0x${byte} cannot stand at its byte ${column + 1}.`,
    hint: 'Save the file as UTF-8. A CSV or TSV in another encoding can name it: encoding: latin1 (Windows, Excel) or utf-16le.',
    file,
    line,
    column: column + 1,
  })
}

async function* withoutMark(pieces: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const piece of pieces) {
    if (!isFirst) {
      yield piece
      continue
    }
    isFirst = false
    if ((piece[0] === 0xff && piece[1] === 0xfe) || (piece[0] === 0xfe && piece[1] === 0xff)) throw looksLikeUtf16(file)
    yield piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? piece.subarray(3) : piece
  }
}

function looksLikeUtf16(file: string): UserError {
  return new UserError({
    message: `${file} begins with the mark of UTF-16, not UTF-8.`,
    hint: 'Save it as UTF-8; a CSV or TSV can also name its encoding: utf-16le.',
    file,
    line: 1,
  })
}

async function* fromUtf16(pieces: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  // Takes the byte order mark off by itself.
  const decoder = new TextDecoder('utf-16le', { fatal: true })
  try {
    for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }))
    yield Buffer.from(decoder.decode())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    throw new UserError({
      message: `${file} is not valid UTF-16LE.`,
      hint: 'Check the option "encoding"; most files are utf-8, which is the default.',
      file,
    })
  }
}

function fromLatin1(piece: Buffer): Buffer {
  const text = piece.toString('latin1')
  return Buffer.from(/[\x80-\x9f]/.test(text) ? text.replaceAll(/[\x80-\x9f]/g, fromWindows) : text)
}

/** What windows-1252 has in the place of the control characters 0x80 to 0x9f; five places are not used. */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function fromWindows(letter: string): string {
  return WINDOWS[letter.charCodeAt(0) - 0x80] ?? letter
}

/** Offset of the first byte that no valid text of this beginning has. */
function firstInvalidByte(bytes: Buffer): number {
  const decoded = bytes.toString('utf8')
  let offset = 0
  for (const letter of decoded) {
    const length = Buffer.byteLength(letter)
    if (letter === '\ufffd' && !bytes.subarray(offset, offset + 3).equals(REPLACEMENT)) return offset
    offset += length
  }
  return 0
}

const REPLACEMENT = Buffer.from('\ufffd')
