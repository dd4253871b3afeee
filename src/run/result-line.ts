// One line of a results file, as far as it has to be parsed.

import { isJsonObject, type JsonObject } from '../core/json.ts'

/** The download is not what it claims to be: cut off, garbled, or with an id twice. Downloading again may mend it. */
export class TornResultsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TornResultsError'
  }
}

const ID_FIRST = Buffer.from('{"custom_id":"')
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The line's custom_id. The API writes it first, and then it is read without parsing the answer behind it; in any other
 * order the whole line is parsed. Throws TornResultsError for a line that is not JSON, as far as it is looked at.
 */
export function customIdOfResult(line: Buffer): string {
  if (line.subarray(0, ID_FIRST.length).equals(ID_FIRST)) {
    const end = line.indexOf(QUOTE, ID_FIRST.length)
    if (end > 0 && line[end - 1] !== BACKSLASH) return line.toString('utf8', ID_FIRST.length, end)
  }
  const customId = parseResultLine(line).custom_id
  if (typeof customId !== 'string') throw new TornResultsError('A line of the results has no custom_id.')
  return customId
}

export function parseResultLine(line: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'))
    if (isJsonObject(value)) return value
  } catch {
    // Said below, as one kind of fault.
  }
  throw new TornResultsError('A line of the results is not whole JSON.')
}
