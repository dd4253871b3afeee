// Trouble of a sink, told from trouble of the run: the first is somebody else's disk, server or table, and no reason to stop.

import { messageOf, type Problem, UserError } from '../core/errors.ts'
import type { BoundSink } from './deliver.ts'

/** A sink could not take what it was given. The message names the sink, its place and the cause, with the hint where there is one. */
export class SinkError extends Error {
  constructor(sink: BoundSink, cause: unknown) {
    super(`${nameOf(sink)}: ${causeWords(cause)}`, { cause })
    this.name = 'SinkError'
  }
}

/** What the sink does; whatever it throws becomes a SinkError. The answer is no promise where the sink gives none: rows are many. */
export function inSink<T>(sink: BoundSink, doing: () => T): T {
  try {
    const answer = doing()
    if (!isThenable(answer)) return answer
    return Promise.resolve(answer).catch((error: unknown) => {
      throw new SinkError(sink, error)
    }) as T
  } catch (error) {
    throw new SinkError(sink, error)
  }
}

/** A sink of one's own may answer any kind of promise. */
function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** `sink 2 (csv out/a.csv)`. An address is left out, it may hold a secret: sinks that have one name it themselves, without it. */
function nameOf({ position, spec }: BoundSink): string {
  const place = spec.options.path ?? spec.options.module
  const name = typeof place === 'string' ? `${spec.type} ${place}` : spec.type
  return position < 0 ? name : `sink ${position + 1} (${name})`
}

function causeWords(cause: unknown): string {
  if (!(cause instanceof UserError)) return asSentence(messageOf(cause))
  return cause.problems
    .map(({ message, hint }: Problem) => (hint === undefined ? message : `${message} ${hint}`))
    .join(' ')
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
