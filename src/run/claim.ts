// Which batch of ours a batch of the provider is held to be. An index beside the states: it may lag behind, never lead.

import type { Json } from '../core/json.ts'
import { type BatchState, checkpointKeys } from '../core/run.ts'
import type { LiveContext } from './ports.ts'

export interface Claim {
  readonly run: string
  readonly index: number
  readonly attempt: number
  /** False: adopted, and its results have not shown yet whose it is. */
  readonly confirmed: boolean
}

export async function readClaim(context: LiveContext, id: string): Promise<Claim | undefined> {
  return (await context.store.read(checkpointKeys.claim(context.provider.type, id))) as unknown as Claim | undefined
}

export function isClaimOf(context: LiveContext, state: BatchState, claim: Claim): boolean {
  return claim.run === context.header.run && claim.index === state.index && claim.attempt === state.attempt
}

/** An unconfirmed claim never takes the place of a confirmed one. */
export async function writeClaim(
  context: LiveContext,
  state: BatchState,
  id: string,
  confirmed: boolean,
): Promise<void> {
  const known = confirmed ? undefined : await readClaim(context, id)
  if (known?.confirmed === true) return
  const claim: Claim = { run: context.header.run, index: state.index, attempt: state.attempt, confirmed }
  await context.store.write(checkpointKeys.claim(context.provider.type, id), claim as unknown as Json)
}

/** Takes back this batch's own claim; another's stays. */
export async function dropClaim(context: LiveContext, state: BatchState, id: string): Promise<void> {
  const claim = await readClaim(context, id)
  if (claim === undefined || !isClaimOf(context, state, claim)) return
  await context.store.delete(checkpointKeys.claim(context.provider.type, id))
}
