// The failures of a run by class, the commonest first, with one row of each as an example.

import type { Status } from '../core/result.ts'
import type { BatchState } from '../core/run.ts'
import { outcomeBlocks } from './outcomes.ts'
import type { RunContext } from './ports.ts'

export interface FailureClass {
  readonly status: Status
  /** The `error.type` of its outcomes. */
  readonly type: string
  readonly rows: number
  readonly example: { readonly key: string; readonly message: string }
}

export interface Failures {
  readonly classes: readonly FailureClass[]
  /** Failed rows of classes that came up after so many others that they are only counted. */
  readonly others: number
}

/** Classes that are told apart: what a job meets are a handful, and a broken provider may invent a word for every row. */
export const MAX_CLASSES = 50

/** Streams the outcomes of those batches that have failures. Memory: `MAX_CLASSES` examples. */
export async function failuresOf(context: RunContext, states: readonly BatchState[]): Promise<Failures> {
  const classes = new Map<string, { -readonly [K in keyof FailureClass]: FailureClass[K] }>()
  let others = 0
  for (const batch of context.header.batches) {
    const state = states[batch.index]
    if (state === undefined || !hasFailures(state, batch.rejected)) continue
    for await (const rows of outcomeBlocks(context, batch, state, 'failed')) {
      for (const row of rows) {
        if (row.status === 'succeeded') continue
        const { status, error, key } = row.outcome
        const type = error?.type ?? status
        const name = `${status} ${type}`
        const known = classes.get(name)
        if (known !== undefined) known.rows += 1
        else if (classes.size >= MAX_CLASSES) others += 1
        else classes.set(name, { status, type, rows: 1, example: { key, message: error?.message ?? '' } })
      }
    }
  }
  return { classes: [...classes.values()].sort((a, b) => b.rows - a.rows), others }
}

function hasFailures({ tally }: BatchState, rejected: number): boolean {
  return rejected > 0 || Object.entries(tally.statuses).some(([status, rows]) => rows > 0 && status !== 'succeeded')
}
