/**
 * The three classes of error. Whatever is thrown is one of these or a plain Error from outside (network, disk), which
 * the CLI reports as exit 1. A failed row is data and never an exception, and so is a submission whose fate only a
 * person can decide: it is how a run ends.
 */

/** One thing wrong with what the user wrote, with its place. */
export interface Problem {
  /** What is wrong, what was given and what is allowed: one or two full sentences. */
  readonly message: string
  /** What to do next, as a sentence. */
  readonly hint?: string
  /** The file as the user would name it: relative to the working folder where it is below it. */
  readonly file?: string
  /** Line and column count from 1. */
  readonly line?: number
  readonly column?: number
  /** How many characters the caret underlines; at least 1. */
  readonly length?: number
  /** Where in a job: a JSON pointer such as /params/max_tokens. */
  readonly path?: string
  /** The text of the line, for the picture with the caret. */
  readonly excerpt?: string
}

/** What the user wrote or asked for is wrong; nothing was sent. Exit 2. */
export class UserError extends Error {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[] | Problem | string) {
    const list =
      typeof problems === 'string' ? [{ message: problems }] : Array.isArray(problems) ? problems : [problems]
    super(list.map((problem) => problem.message).join('\n'))
    this.name = 'UserError'
    this.problems = list as readonly Problem[]
  }
}

/** A batch at the provider that may be ours, shown to the person who has to decide. */
export interface Candidate {
  readonly id: string
  readonly requests: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/**
 * Why a provider surely did not take a batch, by what has to happen next:
 * `busy` wait and send again; `queue_full` wait until other batches have ended; `too_large` split the batch;
 * `spend_limit` stop, a person has to raise a limit; `invalid` stop, the request or the job is wrong;
 * `unauthorised` stop, the key or its permissions are wrong.
 */
export type Refusal = 'busy' | 'queue_full' | 'too_large' | 'spend_limit' | 'invalid' | 'unauthorised'

/** Thrown by a `BatchApi` only when the provider surely did not take what was sent; caught only in run/perform.ts. */
export class RefusedError extends Error {
  readonly refusal: Refusal
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  constructor(
    refusal: Refusal,
    message: string,
    facts: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause })
    this.name = 'RefusedError'
    this.refusal = refusal
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
  }
}

/** Our own broken promise: its stack is printed and a report is asked for. */
export class InvariantError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'InvariantError'
  }
}

/** Asserts what cannot be otherwise. */
export function invariant(holds: unknown, message: string): asserts holds {
  if (!holds) throw new InvariantError(message)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
