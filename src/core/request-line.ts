/**
 * One request as it stands in a request file (`requests/0003.1.plan`): fields separated by tabs, one line each. What is
 * written between them never contains a raw tab or newline, so the texts of a body stand in the file exactly as they are sent.
 *
 *     ordinal ⇥ key (JSON) ⇥ about (JSON) ⇥ shape ⇥ bytes ⇥ part ⇥ part …
 *
 * `about` is the row's fields in the plan (attempt 1), and what earlier attempts left in later ones. A part begins with
 * `=` (a text, spliced in as it stands), `#` (two numbers: such a text is what stands in `about` from this byte to that
 * one, so a value that a prompt repeats is not stored twice) or `@` (a DocumentRef as JSON).
 */
import type { BodyPart } from './batch.ts'
import type { JsonObject } from './json.ts'

export { parseRequestHead, parseRequestLine, type RequestHead, type StoredLine } from './stored-line.ts'

export interface RequestLine {
  readonly ordinal: number
  readonly key: string
  /** JSON text. */
  readonly about: string
  readonly shape: number
  readonly bytes: number
  readonly parts: readonly BodyPart[]
}

/** One line of a `rejected/0003.jsonl` file: a row that was never sent, because its check failed at planning. */
export interface RejectedLine {
  readonly ordinal: number
  readonly key: string
  readonly reason: string
  readonly row: JsonObject
}

/** The line, newline included. */
export function formatRequestLine(line: RequestLine): string {
  let text = `${line.ordinal}\t${JSON.stringify(line.key)}\t${line.about}\t${line.shape}\t${line.bytes}`
  for (const part of line.parts) text += typeof part === 'string' ? `\t=${part}` : `\t@${JSON.stringify(part)}`
  return `${text}\n`
}
