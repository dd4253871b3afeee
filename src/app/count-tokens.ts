// The estimate of a plan, corrected by what the provider counts of its requests.

import { messageOf, UserError } from '../core/errors.ts'
import { counted } from '../core/phrase.ts'
import type { RunHeader } from '../core/run.ts'
import { type Counted, calibrate } from '../plan/calibrate.ts'
import { countRequests } from '../run/count-requests.ts'
import { contextOf } from './bind.ts'
import { type Connected, connect, hasKey } from './connect.ts'
import type { Workspace } from './workspace.ts'

/** `sample`: a few requests, where a key is at hand and the provider answers; `all`: each, or nothing goes on. */
export type CountWish = 'sample' | 'all'

/** Longer than this nobody waits for a better estimate that was not asked for. Milliseconds. */
const SAMPLE_WITHIN_MS = 15_000
/** Nor is more than this sent for it. */
const SAMPLE_BYTES = 16_000_000
const TELL_EVERY_MS = 5000

/**
 * The header with the better estimate. With `all` throws UserError where there is no key, and what a call throws; with
 * `sample` the estimate stays as it is then.
 */
export async function withCounts(
  workspace: Workspace,
  header: RunHeader,
  wish: CountWish | undefined,
): Promise<RunHeader> {
  const { basis: _, ...estimate } = header.estimate
  const uncounted = { ...header, estimate }
  if (wish === undefined || header.requests === 0) return uncounted
  const { env, notify } = workspace.surroundings
  if (wish === 'sample' && (header.local || !hasKey(header.job, env))) return uncounted
  const connected = await connect(workspace, header.job, header.local)
  try {
    const found = await count(workspace, header, connected, wish)
    const { basis: _, ...better } = calibrate(header.estimate, found)
    return { ...header, estimate: better }
  } catch (error) {
    workspace.surroundings.interrupted.throwIfAborted()
    if (wish === 'all') throw error
    const text = `The provider could not count tokens, so they are estimated from sizes (${messageOf(error)}).`
    notify({ type: 'note', text })
    return uncounted
  } finally {
    await connected.close()
  }
}

async function count(
  workspace: Workspace,
  header: RunHeader,
  { api, pace }: Connected,
  wish: CountWish,
): Promise<Counted> {
  if (api.countTokens === undefined)
    throw new UserError(`The provider ${header.job.provider.type} does not count tokens.`)
  const { clock, random, interrupted, notify } = workspace.surroundings
  const sample = new Map(header.estimate.basis?.sample.map(({ position, inputTokens }) => [position, inputTokens]))
  const all = { requests: 0, tokens: 0 }
  const sampled = { requests: 0, tokens: 0, estimated: 0 }
  let tellAt = clock.now() + TELL_EVERY_MS
  await countRequests(
    {
      context: { ...contextOf(workspace, header), clock, random, pace },
      api,
      ...(wish === 'all' ? {} : { wanted: new Set(sample.keys()), mostBytes: SAMPLE_BYTES }),
      onCounted(position, tokens) {
        all.requests += 1
        all.tokens += tokens
        const estimated = sample.get(position)
        if (estimated !== undefined) {
          sampled.requests += 1
          sampled.tokens += tokens
          sampled.estimated += estimated
        }
        if (clock.now() < tellAt) return
        tellAt = clock.now() + TELL_EVERY_MS
        notify({ type: 'note', text: `${all.requests} of ${header.requests} requests are counted.` })
      },
    },
    wish === 'all' ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(SAMPLE_WITHIN_MS)]),
  )
  // Documents that are yet to be uploaded cannot be counted: the others stand for them.
  if (all.requests < header.requests) {
    const missing = counted(header.requests - all.requests, 'request')
    const text = `Not counted: ${missing} with documents that are yet to be uploaded. The others stand for them.`
    if (wish === 'all') notify({ type: 'note', text })
    return { ...sampled, isAll: false }
  }
  return { ...all, estimated: header.estimate.basis?.requestTokens ?? 0, isAll: true }
}
