// Whether an answer is the JSON that was asked for.

import type { Json } from '../core/json.ts'
import type { CompiledSchema } from '../core/json-schema.ts'
import { ANSWER_TOOL } from '../core/prompt.ts'
import type { Answer } from '../core/result.ts'
import { jsonPiece } from '../core/text-bytes.ts'
import { unquoted } from '../core/unquoted.ts'
import { jsonCandidates, parseWholeText } from './answer-json.ts'
import type { RunContext } from './ports.ts'

export type OutputMode = 'structured' | 'tool' | 'prompt'

export interface CheckedOutput {
  readonly value: Json
  /** Why it does not fit, in full sentences; none: it fits. */
  readonly violations: readonly string[]
}

/** The value an answer carries. Where a text holds several, the first that fits; where none does, the largest. */
export function checkOutput(
  mode: OutputMode,
  schema: CompiledSchema,
  answer: Pick<Answer, 'text' | 'toolCalls'>,
): CheckedOutput {
  const check = (value: Json): CheckedOutput => {
    return { value, violations: schema.validate(value).map(({ message }) => message) }
  }
  const call = mode === 'tool' ? answer.toolCalls.find(({ name }) => name === ANSWER_TOOL) : undefined
  if (call !== undefined) return check(call.input)
  if (mode === 'structured') {
    const whole = parseWholeText(answer.text)
    return whole.found ? check(whole.value) : { value: null, violations: [whole.message] }
  }
  const candidates = jsonCandidates(answer.text)
  let largest: { readonly length: number; readonly checked: CheckedOutput } | undefined
  for (const { value, length } of candidates.found) {
    const checked = check(value)
    if (checked.violations.length === 0) return checked
    if (largest === undefined || length > largest.length) largest = { length, checked }
  }
  return largest?.checked ?? { value: null, violations: [candidates.message] }
}

/** What an answer of one text is: `plain`, it succeeds as it stands; `output`, and the text is the very JSON that we make of it. */
export type PlainKind = 'plain' | 'output'

/** undefined: an answer of this one text, still escaped, may not succeed as it stands. */
export function plainKindOf(
  { header, schema }: Pick<RunContext, 'header' | 'schema'>,
  bytes: Buffer,
  start: number,
  end: number,
): PlainKind | undefined {
  const { output } = header.job
  if (output === undefined || schema === undefined) {
    const hasWords = (start < end && isLetter(bytes[start])) || unquoted(bytes, start, end).trim() !== ''
    return hasWords ? 'plain' : undefined
  }
  // Elsewhere than in structured output the value may be a part of the text.
  const read = output.mode === 'structured' ? jsonPiece(bytes, start, end) : undefined
  const text = read?.text ?? unquoted(bytes, start, end)
  const { value, violations } = checkOutput(output.mode, schema, { text, toolCalls: [] })
  if (violations.length > 0) return undefined
  return (read?.isWritten ?? JSON.stringify(value) === text) ? 'output' : 'plain'
}

/** The value of a text that succeeded so. */
export function outputOfText({ header, schema }: Pick<RunContext, 'header' | 'schema'>, text: string): Json {
  const { output } = header.job
  if (output === undefined || schema === undefined) return text
  const whole = parseWholeText(text)
  return whole.found ? whole.value : checkOutput(output.mode, schema, { text, toolCalls: [] }).value
}

const SPACE = 32
const BACKSLASH = 92
const DELETE = 127

/** Whether an ASCII character can be seen. */
function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte > SPACE && byte < DELETE && byte !== BACKSLASH
}
