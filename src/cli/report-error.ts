// The one place where what was thrown becomes words and an exit status.

import { InvariantError, messageOf, UserError } from '../core/errors.ts'
import { visible } from '../core/safe-text.ts'
import type { Io } from './io.ts'
import { formatProblems, lookOf } from './problems.ts'
import { sourceStack } from './source-stack.ts'

export function reportError(io: Io, error: unknown): number {
  if (error instanceof UserError) {
    io.err(formatProblems(error.problems, 'pretty', lookOf(io)))
    return 2
  }
  if (io.interrupted.aborted) {
    io.err('Interrupted.\n')
    return 130
  }
  if (error instanceof InvariantError) {
    io.err(`This is a fault of batchwright itself, not of your job; what a run has stored is safe.\n`)
    io.err(`Please report it with these lines (batchwright ${io.version}):\n${visible(sourceStack(error))}\n`)
    return 1
  }
  io.err(`Error: ${visible(withCause(error))}\n`)
  if (io.env.BATCHWRIGHT_DEBUG !== undefined && error instanceof Error) io.err(`${sourceStack(error)}\n`)
  return 1
}

/** `fetch failed` says nothing without what made it fail. */
function withCause(error: unknown): string {
  const message = messageOf(error)
  const cause = error instanceof Error ? error.cause : undefined
  // What an API answered is in our words already; its own are the whole body.
  if (cause === undefined || isAnswer(cause) || message.includes(messageOf(cause))) return message
  return `${message} (${messageOf(cause)})`
}

function isAnswer(cause: unknown): boolean {
  return cause instanceof Error && typeof (cause as { status?: unknown }).status === 'number'
}
