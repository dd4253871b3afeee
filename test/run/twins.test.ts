import { describe, expect, it } from 'vitest'
import type { BatchState } from '../../src/core/run.ts'
import type { RemoteBatch } from '../../src/provider/provider.ts'
import { initialState } from '../../src/run/machine.ts'
import type { LiveContext } from '../../src/run/ports.ts'
import { findTwins } from '../../src/run/twins.ts'

const TRIP = { attempt: 1, id: 'ours', requests: 3, bytes: 30, createdAt: 5, endedAt: 9, collectedAt: 9, failed: 0 }
const STATE: BatchState = {
  ...initialState({ index: 0, requests: 3, bytes: 30, digest: '' }),
  phase: 'done',
  unclear: [{ attempt: 1, from: 0, to: 10, requests: 3 }],
  trips: [TRIP],
}

/** Every claim is lost, and every batch that has ended holds ids of the run. */
function workspaceOf(batches: readonly RemoteBatch[]): LiveContext {
  const line = `${JSON.stringify({ custom_id: 'row-abc123-000000' })}\n`
  return {
    header: { run: 'run', tag: 'abc123', job: { batch: { customId: 'readable' } } },
    provider: { type: 'sim' },
    pace: { skewMs: 0 },
    store: { read: async () => undefined },
    api: {
      async *list() {
        yield* batches
      },
      async results() {
        return (async function* () {
          yield Buffer.from(line)
        })()
      },
    },
    notify: () => undefined,
  } as unknown as LiveContext
}

function remote(id: string, status: RemoteBatch['status'] = 'ended'): RemoteBatch {
  return { id, status, requests: 3, createdAt: 5, expiresAt: null, endedAt: 9, raw: {} }
}

describe('a batch that was taken twice', () => {
  const twinsAmong = async (...batches: RemoteBatch[]) => {
    const twins = await findTwins(workspaceOf(batches), [STATE], new AbortController().signal)
    return twins.map(({ batch_id: id, besides, is_ours: isOurs }) => [id, besides, isOurs])
  }

  it('is told by the ids in its results, or as a suspicion while it runs', async () => {
    expect(await twinsAmong(remote('twin'))).toEqual([['twin', 'ours', true]])
    expect(await twinsAmong(remote('twin', 'running'))).toEqual([['twin', 'ours', false]])
  })

  it('is never the one that was collected, though its claim be lost', async () => {
    expect(await twinsAmong(remote('ours'))).toEqual([])
  })
})
