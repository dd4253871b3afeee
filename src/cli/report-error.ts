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
  io.err(`Error: ${visible(withCause(error))}\n${whatNext(error)}`)
  if (io.env.BATCHWRIGHT_DEBUG !== undefined && error instanceof Error) io.err(`${sourceStack(error)}\n`)
  return 1
}

/** Node's words for a full disk name neither the disk nor a way on. */
function whatNext(error: unknown): string {
  const seen = [error, error instanceof Error ? error.cause : undefined]
  if (!seen.some((each) => FULL.has(String((each as NodeJS.ErrnoException | undefined)?.code)))) return ''
  return '  A disk that is written to is full: that of .batchwright, of an output, or of temporary files.\n  What was stored is safe. Make room and give the command again; batchwright resume goes on with a run that had begun.\n'
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])

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
