// The provider's batches as they are, for `batchwright batches …`: no job and no run is needed, only the key.

import { catalog } from '../catalog.ts'
import { InvariantError } from '../core/errors.ts'
import type { BatchApi } from '../provider/provider.ts'
import { connectBare } from './connect.ts'
import type { Workspace } from './workspace.ts'

export interface BareConnection {
  readonly api: BatchApi
  close(): Promise<void>
}

/** Throws UserError when the key is missing. */
export function batchesApi(workspace: Workspace, local: boolean): Promise<BareConnection> {
  const [provider] = catalog.providers
  if (provider === undefined) throw new InvariantError('No provider is registered.')
  return connectBare(workspace, provider, local)
}
