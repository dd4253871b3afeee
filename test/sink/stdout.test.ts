import { expect, test } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import type { Sink } from '../../src/sink/sink.ts'
import { createStdoutSink } from '../../src/sink/stdout.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn } from './places.ts'

/** A stream for each place, found by the run's name. */
const printed = new Map<string, string>()
const sinkOf = (run: string): Sink =>
  createStdoutSink(async (bytes) => {
    printed.set(run, (printed.get(run) ?? '') + Buffer.from(bytes).toString())
  })

describeSink('stdout', {
  sink: { ...sinkOf(''), open: (options, context) => sinkOf(context.run).open(options, context) },
  atLeastOnce: true,
  noUndo: true,
  expect: (outcome) => outcome as unknown as Json,
  place: async () => {
    const run = `run ${printed.size}`
    printed.set(run, '')
    return {
      options: {},
      context: contextIn('/', { run }),
      read: async () => (printed.get(run)?.split('\n').slice(0, -1) ?? []).map((line) => JSON.parse(line) as Json),
      list: async () => [],
    }
  },
})

test('stdout prints the columns that are named, and nothing of a short part that is aborted', async () => {
  const writer = await sinkOf('columns').open({ columns: ['key', 'status'] }, contextIn('/'))
  const aborted = await writer.openPart({ index: 0, attempt: 1 })
  for (const outcome of outcomesOf('row', 0, 10)) await aborted.write(outcome)
  await aborted.abort()
  const part = await writer.openPart({ index: 1, attempt: 1 })
  await part.write(outcomeOf('a', 0))
  await part.commit()
  await writer.finish()
  expect(printed.get('columns')).toBe('{"key":"a","status":"succeeded"}\n')
})
