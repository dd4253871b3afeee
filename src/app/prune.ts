import { checkpointKeys, type RunHeader } from '../core/run.ts'
import { runsTools } from '../core/runs-tools.ts'
import { readStates } from '../run/desk.ts'
import { storedToolKeys } from '../run/tool-keys.ts'
import { contextOf } from './bind.ts'
import type { Workspace } from './workspace.ts'

/**
 * Removes everything stored of a finished run. The header goes first: without it there is no run, so a crash in between
 * leaves files that nobody reads, never a run without its files. Claims stay: they keep looks from adopting its batches.
 */
export async function pruneRun(workspace: Workspace, header: RunHeader): Promise<void> {
  const { store, artifacts } = workspace
  const lock = await store.lock(header.run)
  try {
    await store.delete(checkpointKeys.header(header.run))
    if (runsTools(header.job)) {
      const context = contextOf(workspace, header)
      for await (const key of storedToolKeys(context, await readStates(context))) await store.delete(key)
    }
    for (const { index } of header.batches) {
      await store.delete(checkpointKeys.batch(header.run, index))
      for (const position of header.job.sinks.keys()) {
        await store.delete(checkpointKeys.delivery(header.run, position, index))
      }
    }
    await store.delete(checkpointKeys.identity(header.run))
    await store.delete(checkpointKeys.state(header.run))
    await artifacts.removeRun(header.run)
  } finally {
    await lock.release()
  }
}
