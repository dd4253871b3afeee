// The answer modes by their word on the command line.

import { UserError } from '../../core/errors.ts'
import type { AnswerMode } from './answer.ts'
import { lastUserText } from './asked.ts'
import { extractMode } from './extract.ts'

/** Throws UserError for a mode that there is not. */
export async function modeOf(word: string): Promise<AnswerMode> {
  if (word === 'extract') return extractMode()
  if (word === 'echo')
    return { answer: (asked) => ({ content: [{ type: 'text', text: lastUserText(asked) }], stopReason: 'end_turn' }) }
  throw new UserError({
    message: `There is no answer mode "${word}".`,
    hint: 'Use extract, echo, fixture:FILE or upstream:URL.',
  })
}
