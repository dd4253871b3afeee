/**
 * A row whose very question an earlier run has answered, as it stands in a file of the plan (`reused/0003.plan`): fields
 * separated by tabs, one line each. The row and the answer are copied as they are, and nobody parses them on the way.
 *
 *     ordinal ⇥ key (JSON) ⇥ content ⇥ documents ⇥ run ⇥ batch (JSON) ⇥ row (JSON) ⇥ the provider's line (JSON)
 */
import type { RowText } from './row-text.ts'

export interface ReusedLine extends ReusedAnswer {
  readonly ordinal: number
  readonly key: string
  readonly row: RowText
}

/** A stored answer. */
export interface ReusedAnswer {
  /** What was asked, and the documents it was asked of: `contentDigest` and `documentsDigest`, base64. */
  readonly content: string
  readonly documents: string
  /** The run that asked the provider, and the provider's batch. */
  readonly run: string
  readonly batch: string
  /** The provider's line, custom_id and all: JSON text in UTF-8 without a raw tab or newline. */
  readonly line: Uint8Array
}

/** A line as it was read; what is long is given as bytes of it. */
export interface StoredReused extends ReusedAnswer {
  readonly ordinal: number
  readonly key: string
  readonly row: Buffer
  readonly line: Buffer
}

const TAB = 9
const NEWLINE = 10
const FIELDS = 8
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** The fields before the row and the answer, with a tab behind each. */
export function reusedHead({ ordinal, key, content, documents, run, batch }: Omit<ReusedLine, 'row' | 'line'>): string {
  return `${ordinal}\t${JSON.stringify(key)}\t${content}\t${documents}\t${run}\t${JSON.stringify(batch)}\t`
}

/** Bytes that the line takes at most. */
export function mostReusedBytes(head: string, { row, line }: Pick<ReusedLine, 'row' | 'line'>): number {
  return head.length * UNIT_BYTES + row.end - row.start + line.length + 2
}

/** Writes the line, newline included, and answers where it ends. */
export function writeReusedLine(
  into: Buffer,
  from: number,
  head: string,
  { row, line }: Pick<ReusedLine, 'row' | 'line'>,
): number {
  let at = from + into.write(head, from)
  at += row.bytes.copy(into, at, row.start, row.end)
  into[at++] = TAB
  into.set(line, at)
  at += line.length
  into[at++] = NEWLINE
  return at
}

/** Throws what `damaged` makes for a line that we did not write. */
export function parseReusedLine(line: Buffer, damaged: () => Error): StoredReused {
  const ends: number[] = []
  for (let at = line.indexOf(TAB); at >= 0 && ends.length < FIELDS; at = line.indexOf(TAB, at + 1)) ends.push(at)
  const [ordinal, key, content, documents, run, batch, row] = ends
  const isWhole = ends.length === FIELDS - 1
  if (!isWhole || ordinal === undefined || key === undefined || content === undefined) throw damaged()
  if (documents === undefined || run === undefined || batch === undefined || row === undefined) throw damaged()
  try {
    return {
      ordinal: Number(line.toString('latin1', 0, ordinal)),
      key: JSON.parse(line.toString('utf8', ordinal + 1, key)) as string,
      content: line.toString('latin1', key + 1, content),
      documents: line.toString('latin1', content + 1, documents),
      run: line.toString('utf8', documents + 1, run),
      batch: JSON.parse(line.toString('utf8', run + 1, batch)) as string,
      row: line.subarray(batch + 1, row),
      line: line.subarray(row + 1),
    }
  } catch {
    throw damaged()
  }
}
