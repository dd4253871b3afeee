// Whom a run speaks with: the provider, the place and the key it began with, and the model it asks.

import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { checkpointKeys, type RunHeader, type RunIdentity } from '../core/run.ts'
import type { LiveContext } from '../run/ports.ts'
import type { Workspace } from './workspace.ts'

/**
 * A run goes on only with whom it began: another key or another base URL does not know its batches. The first call stores
 * who that is; throws UserError for another one.
 */
export async function checkIdentity(workspace: Workspace, header: RunHeader, identity: RunIdentity): Promise<void> {
  const key = checkpointKeys.identity(header.run)
  const known = (await workspace.store.read(key)) as unknown as RunIdentity | undefined
  if (known === undefined) {
    await workspace.store.write(key, identity as unknown as Json)
    return
  }
  const differences = [
    known.provider === identity.provider ? [] : [`the provider was ${known.provider} and is ${identity.provider}`],
    known.baseUrl === identity.baseUrl ? [] : [`the base URL was ${known.baseUrl} and is ${identity.baseUrl}`],
    known.workspace === identity.workspace ? [] : [`the workspace was ${known.workspace} and is ${identity.workspace}`],
    known.keyFingerprint === identity.keyFingerprint
      ? []
      : [`the API key had the fingerprint ${known.keyFingerprint} and has ${identity.keyFingerprint}`],
  ].flat()
  if (differences.length === 0) return
  throw new UserError({
    message: `Run ${header.run} was started elsewhere: ${differences.join('; ')}. Its batches may not be known there, and looking for them in vain could send them twice.`,
    hint: 'Set the environment as it was when the run began, or start a new run with: batchwright run JOB --new.',
  })
}

/** Throws UserError for a model that the provider does not offer to this key; one that cannot be looked up may be there. */
export async function checkModel(workspace: Workspace, header: RunHeader, api: LiveContext['api']): Promise<void> {
  let isKnown = true
  try {
    isKnown = await api.hasModel(header.job.model, workspace.surroundings.signal)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    workspace.surroundings.notify({ type: 'note', text: `The model could not be looked up (${message}).` })
  }
  if (isKnown) return
  throw new UserError({
    file: header.job.file,
    path: '/model',
    message: `The provider does not know the model "${header.job.model}" for this key. Nothing was sent.`,
    hint: 'Choose another model in the job and start again with: batchwright run JOB --new.',
  })
}
