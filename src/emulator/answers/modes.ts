// The answer modes by their word on the command line.

import { UserError } from '../../core/errors.ts'
import type { AnswerMode } from './answer.ts'
import { lastUserText } from './asked.ts'
import { extractMode } from './extract.ts'
import { fixtureMode } from './fixture.ts'

/** Throws UserError for a mode that there is not, and for a fixture file with mistakes. `upstream:URL` is not one of these. */
export async function modeOf(word: string): Promise<AnswerMode> {
  if (word === 'extract') return extractMode()
  if (word === 'echo') return echoMode()
  if (word.startsWith('fixture:')) return fixtureMode(word.slice('fixture:'.length))
  throw new UserError({
    message: `There is no answer mode "${word}".`,
    hint: 'Use extract, echo, fixture:FILE or upstream:URL.',
  })
}

function echoMode(): AnswerMode {
  return {
    answer: (asked) => ({ content: [{ type: 'text', text: lastUserText(asked) }], stopReason: 'end_turn' }),
  }
}
