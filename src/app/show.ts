// One row of a run: every request that was sent for it, every answer, and what became of it.

import { createHash } from 'node:crypto'
import { UserError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Outcome, Result } from '../core/result.ts'
import type { RunHeader } from '../core/run.ts'
import { readStates } from '../run/desk.ts'
import { readRequests } from '../run/request-file.ts'
import { type RowRound, rowTranscript } from '../run/transcript.ts'
import { contextOf } from './bind.ts'
import type { Workspace } from './workspace.ts'

export interface ShownRow {
  readonly key: string
  /** null: the row still waits for an answer. */
  readonly outcome: Outcome | null
  readonly rounds: readonly ShownRound[]
}

export interface ShownRound extends RowRound {
  /** What the provider's line says; null: it is not in, or there was none. */
  readonly said: Result | null
  /** sha256 of `request`, hex: the same for the same question about the same documents, in every run. */
  readonly digest: string
}

/** Throws UserError when the run has no such row. */
export async function showRow(workspace: Workspace, header: RunHeader, key: string): Promise<ShownRow> {
  const context = contextOf(workspace, header)
  const transcript = await rowTranscript(context, await readStates(context), key)
  if (transcript === undefined) throw await unknownKey(workspace, header, key)
  const rounds = transcript.rounds.map((round): ShownRound => {
    const digest = createHash('sha256').update(JSON.stringify(round.request)).digest('hex')
    return { ...round, digest, said: round.result === null ? null : context.provider.decode(round.result).result }
  })
  return { key, outcome: transcript.outcome, rounds }
}

/** Keys that are looked at for one that may have been meant. */
const MAX_GUESSES = 1000

async function unknownKey(workspace: Workspace, header: RunHeader, key: string): Promise<UserError> {
  const keys: string[] = []
  for (const batch of header.batches) {
    if (batch.requests === 0 || keys.length >= MAX_GUESSES) continue
    for await (const line of readRequests(workspace.artifacts, header.run, batch.index, 1)) {
      keys.push(line.key)
      if (keys.length >= MAX_GUESSES) break
    }
  }
  const guess = nearest(key, keys)
  const example = keys[0] === undefined ? '' : `, such as "${keys[0]}"`
  return new UserError({
    message: `Run ${header.run} has no row with the key "${key}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    hint: `A row is named by its key as the outcomes have it${example}.`,
  })
}
