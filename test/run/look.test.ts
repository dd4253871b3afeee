import { describe, expect, it } from 'vitest'
import type { BatchState } from '../../src/core/run.ts'
import { type Claimed, chooseCandidate, type Listed } from '../../src/run/look.ts'
import { applyEvent, initialState } from '../../src/run/machine.ts'
import { EMPTY_TALLY } from '../../src/run/tally.ts'

const LABEL = 'run/0/1'
const [FIRST] = attempts()

/** A first attempt whose answer was lost, and a second one of the same rows after the first was collected as `a`. */
function attempts(): [BatchState, BatchState] {
  const planned = initialState({ index: 0, requests: 3, bytes: 30, digest: '' })
  const first = applyEvent(planned, { type: 'submission_started', at: 0, withdrawn: 0 })
  const remote = { id: 'a', createdAt: 1, expiresAt: null, confirmed: true }
  const submitted = applyEvent(first, { type: 'submission_accepted', remote })
  const ended = applyEvent(submitted, { type: 'ended', at: 2 })
  const followUps = { requests: 3, bytes: 30, digest: '', take: null, boundUsd: 0, boundUsdOfOne: 0 }
  const counts = { at: 3, tally: EMPTY_TALLY, failed: 0, parsed: 0, followUps }
  const next = applyEvent(ended, { type: 'collected', ...counts })
  return [first, applyEvent(next, { type: 'submission_started', at: 4, withdrawn: 0 })]
}

function listed(id: string, claimed: Claimed, batch: Partial<Listed['batch']> = {}): Listed {
  const times = { createdAt: 1, expiresAt: null, endedAt: null }
  return { claimed, batch: { id, status: 'running', requests: 3, ...times, raw: {}, ...batch } }
}

describe('a batch whose create call never answered', () => {
  it.each<[string, Listed[], string]>([
    ['nothing', [], 'absent'],
    ['one of its size', [listed('a', 'nobody')], 'a?'],
    ['one of another size', [listed('a', 'nobody', { requests: 2 })], 'absent'],
    ['one that is surely another of ours', [listed('a', 'other')], 'absent'],
    ['one that failed', [listed('a', 'nobody', { status: 'failed' })], 'absent'],
    ['one with its label', [listed('a', 'nobody'), listed('b', 'nobody', { label: LABEL })], 'b'],
    ['one with the label of another', [listed('a', 'nobody', { label: 'run/1/1' })], 'absent'],
    ['one that is known to be it', [listed('a', 'nobody'), listed('b', 'us')], 'b'],
    ['two of its size', [listed('b', 'nobody', { createdAt: 2 }), listed('a', 'nobody')], 'a?'],
    ['one that may be another', [listed('a', 'maybe_other')], 'a?'],
    ['one that may be another, and a free one', [listed('a', 'maybe_other'), listed('b', 'nobody')], 'b?'],
  ])('is looked for, and of %s the verdict is right', (_, list, expected) => {
    const verdict = chooseCandidate(list, { state: FIRST, label: LABEL, requests: 3, graceOver: true })
    const found = verdict.type === 'found' ? `${verdict.batch.id}${verdict.confirmed ? '' : '?'}` : verdict.type
    expect(found).toBe(expected)
  })

  it('is not given up before its time', () => {
    const verdict = chooseCandidate([], { state: FIRST, label: LABEL, requests: 3, graceOver: false })
    expect(verdict).toEqual({ type: 'wait' })
  })

  it.each<Claimed>(['nobody', 'maybe_other', 'us'])(
    'is never what an earlier attempt has collected, though its claim says %s',
    (claimed) => {
      const [, state] = attempts()
      const expected = { state, label: 'run/0/2', requests: 3, graceOver: true }
      expect(chooseCandidate([listed('a', claimed)], expected)).toEqual({ type: 'absent' })
      const both = chooseCandidate([listed('a', claimed), listed('b', 'nobody', { createdAt: 5 })], expected)
      expect(both).toMatchObject({ type: 'found', batch: { id: 'b' } })
    },
  )
})
