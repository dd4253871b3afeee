// Whether a prompt fits into what the model can hold.

import type { ModelSpec } from '../provider/provider.ts'
import { inputTokensOf, type Measure } from './estimate.ts'

/**
 * Why the prompt surely does not fit, as a full sentence: even by the low estimate, without documents that nobody has
 * seen and without its answer.
 */
export function tooLong(measure: Measure, model: ModelSpec | undefined): string | undefined {
  const { inputBytes, pdfTextBytes, pdfPages, imageTokens } = measure
  const most = model?.contextTokens ?? Number.POSITIVE_INFINITY
  // A token has at least a byte: nearly every prompt is told apart by this alone.
  if (inputBytes + pdfTextBytes + pdfPages * BYTES_FOR_A_PAGE + imageTokens <= most) return undefined
  const { low, likely } = inputTokensOf({ ...measure, unseenDocuments: 0 }, model)
  if (low <= most) return undefined
  const tokens = `about ${count(likely)} tokens, ${count(low)} at the very least`
  return `The prompt has ${tokens}; ${model?.id} can hold ${count(most)}, its answer included.`
}

/** More than a page's picture has tokens. */
const BYTES_FOR_A_PAGE = 2000

function count(tokens: number): string {
  return tokens.toLocaleString('en-US')
}
