import { describe, expect, it } from 'vitest'
import type { BatchState } from '../../src/core/run.ts'
import { applyEvent, initialState } from '../../src/run/machine.ts'
import { type Policy, schedule } from '../../src/run/schedule.ts'

const NOW = 1_000_000
const POLICY: Policy = {
  maxInFlight: 2,
  queueLimit: null,
  maxErrorRate: null,
  gateFrom: 0,
  maxUsd: null,
  reserveUsd: () => 1,
  pollAt: 0,
  detach: false,
  halted: false,
}

const remote = { id: 'msgbatch_1', createdAt: 0, expiresAt: null, confirmed: false }
const KINDS: Readonly<Record<string, Partial<BatchState>>> = {
  planned: { phase: 'planned' },
  later: { phase: 'planned', notBefore: NOW + 500 },
  submitting: { phase: 'submitting', submittingSince: 0 },
  submitted: { phase: 'submitted', remote },
  ended: { phase: 'ended', remote },
  lost: { phase: 'ended', remote, lost: 'archived' },
  done: { phase: 'done' },
  refused: { phase: 'refused' },
}

function states(words: string): BatchState[] {
  return words.split(' ').map((word, index) => {
    return { ...initialState({ index, requests: 1, bytes: 1, digest: '' }), ...KINDS[word] }
  })
}

describe('what is to be done now', () => {
  it.each<[string, Partial<Policy>, string, { finished?: boolean; undecided?: number[]; wakeAt?: number }]>([
    ['planned planned planned', {}, 'submit 0, submit 1', {}],
    ['later', {}, '', { wakeAt: NOW + 500 }],
    ['submitting submitted', {}, 'look 0, poll', {}],
    ['submitted', { pollAt: NOW + 300 }, '', { wakeAt: NOW + 300 }],
    ['ended done', {}, 'collect 0', {}],
    ['done refused', {}, '', { finished: true }],
    ['submitted', { detach: true, pollAt: NOW + 300 }, '', { finished: true, wakeAt: NOW + 300 }],
    // A person is asked when nothing else is left, and not before.
    ['lost planned', {}, 'submit 1', {}],
    ['lost submitted', {}, 'poll', {}],
    ['lost ended', {}, 'collect 1', {}],
    ['lost later', {}, '', { wakeAt: NOW + 500 }],
    ['lost done lost', {}, '', { finished: true, undecided: [0, 2] }],
    ['lost refused', {}, '', { finished: true, undecided: [0] }],
    // What is lost takes up no place in the provider's queue, but may have been paid for.
    ['lost planned', { maxInFlight: 1 }, 'submit 1', {}],
    ['lost planned', { queueLimit: 1 }, 'submit 1', {}],
    ['lost planned', { maxUsd: 1.5 }, '', { finished: true, undecided: [0] }],
    // Nothing more is sent after a gate or a budget; the question is still asked.
    ['lost planned', { halted: true }, '', { finished: true, undecided: [0] }],
    ['lost submitted planned', { halted: true }, 'poll', {}],
  ])('for %s under %o is: %s', (words, policy, due, rest) => {
    const plan = schedule(states(words), NOW, { ...POLICY, ...policy }, new Set())
    const commands = plan.due.map((command) => (command.type === 'poll' ? 'poll' : `${command.type} ${command.index}`))
    expect(commands.join(', ')).toBe(due)
    expect(plan.finished).toBe(rest.finished ?? false)
    expect(plan.undecided.map(({ index }) => index)).toEqual(rest.undecided ?? [])
    expect(plan.wakeAt).toBe(rest.wakeAt)
  })

  it('leaves alone what is under way', () => {
    const plan = schedule(states('planned ended'), NOW, POLICY, new Set([0, 1]))
    expect(plan).toMatchObject({ due: [], finished: false })
  })
})

describe('a batch whose results are lost', () => {
  const [ended] = states('ended') as [BatchState]
  const lost = applyEvent(ended, { type: 'results_lost', why: 'archived' })

  it('stays where it is until a person decides, and is tried again when they come back', () => {
    expect(lost).toMatchObject({ phase: 'ended', lost: 'archived', remote })
    expect(applyEvent(lost, { type: 'results_sought' })).toMatchObject({ phase: 'ended', lost: null })
  })

  it('is sent again or taken for another batch, and never looked for where it was', () => {
    const disowned = applyEvent(lost, { type: 'disowned', id: 'msgbatch_1' })
    expect(disowned).toMatchObject({ phase: 'submitting', lost: null, excluded: ['msgbatch_1'] })
    expect(applyEvent(disowned, { type: 'submission_absent' })).toMatchObject({ phase: 'planned', lost: null })
  })
})
