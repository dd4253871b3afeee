import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { writeRequestLine } from '../../src/core/write-request-line.ts'
import { RowWriter } from '../../src/core/write-row.ts'
import { type Counting, countRequests } from '../../src/run/count-requests.ts'

const ROWS = 3
const writer = new RowWriter()

/** A request file whose end comes late, as from a busy disk. */
async function* lateEnd(): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.alloc(4096)
  let at = 0
  for (let ordinal = 0; ordinal < ROWS; ordinal += 1) {
    const about = writer.write({ a: `x${ordinal}` })
    at = writeRequestLine(bytes, at, { ordinal, key: `row-${ordinal}`, about, shape: 0, bytes: 10, parts: ['x'] })
  }
  yield bytes.subarray(0, at)
  await delay(30)
}

function counting(given: Pick<Counting, 'api' | 'onCounted'> & Partial<Counting>): Counting {
  const context = {
    header: { run: 'r', shapes: [{ texts: ['{"a":"', '"}'] }], batches: [{ index: 0, requests: ROWS }] },
    artifacts: { read: lateEnd },
    folders: { root: '/', run: '/' },
    clock: { now: () => 0, sleep: async () => undefined },
    random: () => 0,
    pace: { backoffMinMs: 1, backoffMaxMs: 1 },
  }
  return { context: context as unknown as Counting['context'], ...given }
}

const never = new AbortController().signal

describe('requests that the provider counts', () => {
  it('are told one by one, those that are wanted', async () => {
    const told: [number, number][] = []
    const api = { countTokens: async (body: object) => JSON.stringify(body).length }
    const onCounted = (position: number, tokens: number): void => void told.push([position, tokens])
    await countRequests(counting({ api, onCounted, wanted: new Set([0, 2]) }), never)
    expect(told.sort()).toEqual([
      [0, 9],
      [2, 9],
    ])
  })

  it('fail with what a call throws, also where it does while the file is still read', async () => {
    for (const wanted of [new Set([2]), new Set([0]), new Set([0, 1, 2])]) {
      const api = { countTokens: () => Promise.reject(new Error('the key is wrong')) }
      const counted = countRequests(counting({ api, onCounted: () => undefined, wanted }), never)
      await expect(counted, [...wanted].join()).rejects.toThrow('the key is wrong')
    }
  })
})
