// `cancel`: by this process, or by the one that works on the run already.

import { checkpointKeys, type RunHeader } from '../core/run.ts'
import { type DriveEnd, driveRun } from './drive.ts'
import { readRunState, summaryOf } from './runs.ts'
import type { Workspace } from './workspace.ts'

const LOOK_EVERY_MS = 500

/**
 * Cancels what is out and collects what it answered. Where another process works on the run, that one is asked to, and
 * waited for; should it go away without having done so, this one does it. Throws as `driveRun` does.
 */
export async function cancelRun(workspace: Workspace, header: RunHeader): Promise<DriveEnd> {
  const other = await workspace.store.holder(header.run)
  if (other !== undefined) {
    const text = `${other} works on the run and is asked to cancel it; waiting until it has collected what was answered.`
    workspace.surroundings.notify({ type: 'note', text: text.charAt(0).toUpperCase() + text.slice(1) })
    const end = await cancelledByOther(workspace, header)
    if (end !== undefined) return end
  }
  return driveRun(workspace, header, { detach: false, cancel: true, retry: false, decisions: new Map() })
}

/** undefined: the other process is gone, and the run is not over. */
async function cancelledByOther(workspace: Workspace, header: RunHeader): Promise<DriveEnd | undefined> {
  const { store, surroundings } = workspace
  const wish = checkpointKeys.wish(header.run)
  while ((await store.holder(header.run)) !== undefined) {
    if (surroundings.interrupted.aborted)
      return { exitCode: 130, summary: await summaryOf(workspace, header), message: undefined }
    // A process that has only just begun clears wishes of earlier times.
    if ((await store.read(wish)) !== 'cancel') await store.write(wish, 'cancel')
    await surroundings.clock.sleep(LOOK_EVERY_MS, surroundings.interrupted)
  }
  const state = await readRunState(workspace, header.run)
  if (state?.status !== 'canceled' && state?.status !== 'completed') return undefined
  return { exitCode: 0, summary: await summaryOf(workspace, header), message: undefined }
}
