import { beforeEach, describe, expect, it } from 'vitest'
import type { PlannedBatch } from '../../src/core/batch.ts'
import { UserError } from '../../src/core/errors.ts'
import type { Json } from '../../src/core/json.ts'
import type { BatchState, RunHeader } from '../../src/core/run.ts'
import { type BoundSink, Delivery } from '../../src/run/deliver.ts'
import { initialState } from '../../src/run/machine.ts'
import type { LiveContext, Notice } from '../../src/run/ports.ts'
import type { Sink, SinkContext } from '../../src/sink/sink.ts'

/** Batches without rows: what is looked at is who is opened when, and what is remembered. */
const batches = [0, 1, 2].map((index) => ({ index, requests: 0, rejected: 0, bytes: 0, digest: '' }) as PlannedBatch)
const states: readonly BatchState[] = batches.map((batch) => initialState(batch))

let stored: Map<string, Json>
let notices: Notice[]
let log: string[]
let context: LiveContext

beforeEach(() => {
  stored = new Map()
  notices = []
  log = []
  context = {
    header: { run: 'run', batches } as unknown as RunHeader,
    store: {
      read: async (key: string) => stored.get(key),
      write: async (key: string, value: Json) => void stored.set(key, value),
    },
    notify: (notice: Notice) => void notices.push(notice),
  } as unknown as LiveContext
})

function sinkThat(name: string, delivery: Sink['delivery'], act: (event: string) => void = () => undefined): BoundSink {
  const say = async (event: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 2))
    log.push(`${name} ${event}`)
    act(event)
  }
  const sink: Sink = {
    type: name,
    about: 'A sink.',
    options: {},
    delivery,
    probe: async () => undefined,
    async open() {
      await say('open')
      return {
        location: name,
        openPart: async ({ index, attempt }) => {
          await say(`part ${index}.${attempt}`)
          return { write: () => undefined, commit: () => say('commit'), abort: async () => undefined }
        },
        finish: () => say('finish'),
        abort: () => say('abort'),
      }
    },
  }
  const signal = new AbortController().signal
  const spec = { type: name, select: 'all', options: { path: `out/${name}`, url: 'https://secret' } } as const
  return { position: name === 'first' ? 0 : 1, spec, sink, context: { signal } as SinkContext }
}

const part = (delivery: Delivery, index: number): Promise<void> =>
  delivery.part(batches[index] as PlannedBatch, states[index] as BatchState)

describe('delivery', () => {
  it('gives a sink one part at a time, however many batches are done at once', async () => {
    const delivery = new Delivery(context, [sinkThat('first', 'parts')])
    await Promise.all([part(delivery, 0), part(delivery, 2), part(delivery, 1)])
    const whole = (index: number): string[] => ['open', `part ${index}.1`, 'commit', 'finish']
    expect(log).toEqual([...whole(0), ...whole(2), ...whole(1)].map((event) => `first ${event}`))
    expect(notices).toEqual([])
  })

  it('remembers what a sink has, and gives only the rest', async () => {
    const sinks = [sinkThat('first', 'parts')]
    await part(new Delivery(context, sinks), 1)
    log = []
    const { reports } = await new Delivery(context, sinks).all(states)
    expect(log.filter((event) => event.includes('part'))).toEqual(['first part 0.1', 'first part 2.1'])
    expect(reports).toEqual([{ type: 'first', path: 'first', rows: 0 }])
  })

  it('leaves a sink that failed in peace until the end, and serves the others', async () => {
    let isDown = true
    const broken = sinkThat('first', 'parts', (event) => {
      if (isDown && event === 'commit') throw new Error('disk full')
    })
    const delivery = new Delivery(context, [broken, sinkThat('second', 'parts'), sinkThat('third', 'whole')])
    await Promise.all([part(delivery, 0), part(delivery, 1)])
    expect(log.filter((event) => event === 'first open')).toHaveLength(1)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatchObject({
      type: 'warning',
      text: expect.stringContaining('sink 1 (first out/first): disk full.'),
    })
    const failed = await delivery.all(states)
    expect(failed.failures.map(({ message }) => message)).toEqual(['sink 1 (first out/first): disk full.'])
    expect(failed.reports.map(({ type }) => type)).toEqual(['second', 'third'])
    isDown = false
    const { reports, failures } = await new Delivery(context, [broken]).all(states)
    expect([reports.length, failures]).toEqual([1, []])
  })

  it('tells what a sink says with its hint, and no address', async () => {
    const broken = sinkThat('first', 'whole', () => {
      throw new UserError({ message: 'The table is gone.', hint: 'Make it again.' })
    })
    const { failures } = await new Delivery(context, [broken]).all(states)
    expect(failures.map(({ message }) => message)).toEqual([
      'sink 1 (first out/first): The table is gone. Make it again.',
    ])
  })

  it('takes trouble of the store for what it is', async () => {
    const store = { ...context.store, write: () => Promise.reject(new Error('the store is gone')) }
    const delivery = new Delivery({ ...context, store }, [sinkThat('first', 'parts')])
    await expect(part(delivery, 0)).rejects.toThrow(/^the store is gone$/)
    await expect(delivery.all(states)).rejects.toThrow(/^the store is gone$/)
  })
})
