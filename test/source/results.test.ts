import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import type { Outcome, Status } from '../../src/core/result.ts'
import { resultsSource } from '../../src/source/results.ts'
import { fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

function outcome(key: string, status: Status, output: Json): Outcome {
  return {
    key,
    custom_id: null,
    status,
    output,
    text: null,
    stop_reason: 'end_turn',
    model: 'claude-haiku-5-5',
    usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    cost_usd: 0,
    attempts: 1,
    rounds: 1,
    batch_id: null,
    error: null,
    row: { key },
  }
}

const outcomes = [
  outcome('a', 'succeeded', { topic: 'b' }),
  outcome('b', 'refused', null),
  outcome('c', 'succeeded', { topic: 'a' }),
  outcome('d', 'succeeded', { topic: 'b' }),
  outcome('e', 'succeeded', {}),
  outcome('f', 'succeeded', { topic: 1 }),
]

const results = resultsSource(async function* (job) {
  expect(job).toBe('extract')
  yield* outcomes
})

const job = 'extract'

describe('results', () => {
  it('yields the outcomes that succeeded, keyed as they were', async () => {
    const rows = await readAll(results, { job }, await folderWith())
    expect(rows.map((row) => row.key)).toEqual(['a', 'c', 'd', 'e', 'f'])
    expect(rows[0]).toEqual({ fields: outcomes[0], key: 'a', place: { file: 'extract' } })
  })

  it.each([
    ['failed', ['b']],
    ['all', ['a', 'b', 'c', 'd', 'e', 'f']],
  ])('yields those that it selects: %s', async (select, keys) => {
    const rows = await readAll(results, { job, select }, await folderWith())
    expect(rows.map((row) => row.key)).toEqual(keys)
  })

  it('yields one row for each group, items in their order', async () => {
    const rows = await readAll(results, { job, group_by: 'output.topic' }, await folderWith())
    expect(
      rows.map((row) => [row.key, row.fields.group, (row.fields.items as { key: string }[]).map(({ key }) => key)]),
    ).toEqual([
      ['a', 'a', ['c']],
      ['b', 'b', ['a', 'd']],
      ['1', 1, ['f']],
      ['null', null, ['e']],
    ])
    expect(rows[0]?.fields.items).toEqual([outcomes[2]])
  })

  it('a group that no request could hold is an error', async () => {
    const large = resultsSource(async function* () {
      for (let i = 0; i < 80; i++) yield outcome(`k${i}`, 'succeeded', { topic: 'x', text: 'x'.repeat(1024 * 1024) })
    })
    const [problem] = await problemsOf(large, { job, group_by: 'output.topic' }, await folderWith())
    expect(problem).toMatchObject({ path: '/dataset/group_by' })
    expect(problem?.message).toContain('is larger than 64 MB')
  })

  it('a path with an empty name is refused', () => {
    expect(results.check?.({ job, group_by: 'output..topic' })).toMatchObject([{ path: '/group_by' }])
    expect(results.check?.({ job, group_by: 'output.topic' })).toEqual([])
    expect(results.check?.({ job })).toEqual([])
  })

  it('no outcomes are no rows, and no groups', async () => {
    const none = resultsSource(async function* () {})
    expect(await fieldsOf(none, { job }, await folderWith())).toEqual([])
    expect(await fieldsOf(none, { job, group_by: 'output' }, await folderWith())).toEqual([])
  })
})
