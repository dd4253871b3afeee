import { describe, expect, it, vi } from 'vitest'
import { createCourier } from '../../src/app/courier.ts'
import type { Workspace } from '../../src/app/workspace.ts'
import type { BatchState, RunHeader } from '../../src/core/run.ts'
import type { BoundSink } from '../../src/run/deliver.ts'

const asked = vi.fn()
vi.mock('node:worker_threads', () => ({
  Worker: class {
    constructor() {
      asked()
      throw Object.assign(new Error('no thread can be made'), { code: 'ERR_WORKER_INIT_FAILED' })
    }
  },
}))

describe('a courier that the system gives no thread', () => {
  it('leaves every sink to the usual delivery, and is asked for one only once', async () => {
    const workspace = { root: '/', runFolder: () => '/runs/r' } as unknown as Workspace
    const header = { run: 'r', batches: [{ requests: 1 }, { requests: 1 }] } as unknown as RunHeader
    const sinks = [{ position: 0, sink: { mayRunAside: true } }] as unknown as BoundSink[]
    const courier = createCourier(workspace, header, sinks, 1)
    expect(courier).toBeDefined()
    courier?.begin()
    courier?.done({ index: 0 } as BatchState)
    courier?.done({ index: 1 } as BatchState)
    expect(await courier?.finish()).toEqual(new Map())
    await courier?.close()
    expect(asked).toHaveBeenCalledTimes(1)
  })
})
