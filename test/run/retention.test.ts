import { describe, expect, it } from 'vitest'
import type { BatchState } from '../../src/core/run.ts'
import { initialState } from '../../src/run/machine.ts'
import { retentionWarning } from '../../src/run/retention.ts'

const DAY = 86_400_000
const KEPT = 29 * DAY
const CREATED = Date.UTC(2026, 10, 1)

function batch(phase: BatchState['phase']): BatchState {
  const remote = { id: 'msgbatch_1', createdAt: CREATED, expiresAt: null, confirmed: true }
  return { ...initialState({ index: 0, requests: 1, bytes: 1, digest: '' }), phase, remote }
}

describe('results that a provider keeps for some weeks', () => {
  it('are warned about in their last week, with the date', () => {
    const warning = retentionWarning([batch('ended'), batch('submitted')], KEPT, CREATED + 23 * DAY)
    expect(warning).toBe(
      "The provider keeps results for 29 days from a batch's creation: those of 2 uncollected batches are gone from 2026-11-30 00:00 UTC on.",
    )
  })

  it.each([
    ['there is time', [batch('ended')], KEPT, 21 * DAY],
    ['they are collected', [batch('done')], KEPT, 28 * DAY],
    ['the provider keeps them for ever', [batch('ended')], undefined, 28 * DAY],
  ])('are not spoken of when %s', (_, states, kept, after) => {
    expect(retentionWarning(states, kept, CREATED + after)).toBeUndefined()
  })
})
