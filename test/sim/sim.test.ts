import { describe, expect, it } from 'vitest'
import { MUTANTS } from './mutants.ts'
import { live, type Mutant } from './world.ts'

/** Together over 5,000 lives. */
const SEEDS = 1500

/** Claims stand beside the states and may lag behind them: here they lag for ever. */
const CLAIMLESS: Mutant = {
  name: 'no claim is kept',
  store: (store) => ({
    ...store,
    async write(key, value) {
      if (!key.startsWith('claims/')) await store.write(key, value)
    },
  }),
}

describe('the run loop, lived through seeded crashes and faults', () => {
  it('delivers every row once and pays for nothing twice, whatever happens', { timeout: 120_000 }, async () => {
    let lives = 0
    let questions = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const verdict = await live(seed)
      lives += verdict.lives
      questions += verdict.questions
      expect(verdict.violations, `seed ${seed}`).toEqual([])
    }
    expect(lives).toBeGreaterThan(5000)
    expect(questions).toBeGreaterThan(20)
  })

  it('is the same life for the same seed', async () => {
    expect(await live(7)).toEqual(await live(7))
  })

  it('counts no answer twice where claims are lost: every batch knows what it has collected', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { violations } = await live(seed, CLAIMLESS)
      expect(violations, `seed ${seed}`).toEqual([])
    }
  })

  for (const mutant of MUTANTS) {
    it(`notices when ${mutant.name}`, async () => {
      const caught = []
      for (let seed = 1; seed <= 200 && caught.length === 0; seed += 1) {
        const { violations } = await live(seed, mutant)
        if (violations.length > 0) caught.push(seed)
      }
      expect(caught).not.toEqual([])
    })
  }
})
