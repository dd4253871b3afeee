// Outcomes of a run into a sink that the job does not name.

import { catalog } from '../catalog.ts'
import type { Select } from '../core/job.ts'
import type { RunHeader, SinkReport } from '../core/run.ts'
import { deliverWhole, NO_POSITION } from '../run/deliver.ts'
import { readStates } from '../run/desk.ts'
import { bindSink, contextOf } from './bind.ts'
import { exportTarget } from './export-target.ts'
import type { Workspace } from './workspace.ts'

/**
 * Writes what is settled so far to `target` (a path, a URL or `-`), from landed results: no lock is taken and no API is
 * called, so it works beside the process that works on the run, and for old runs. What the target holds of the run is
 * replaced. Throws UserError for a target that no sink writes, SinkError where writing fails.
 */
export async function exportOutcomes(
  workspace: Workspace,
  header: RunHeader,
  target: string,
  select: Select,
): Promise<SinkReport> {
  const { surroundings, root } = workspace
  const spec = exportTarget(target, select, catalog.sinks, { cwd: surroundings.cwd, root })
  const sink = bindSink(workspace, { run: header.run, job: header.job }, spec, NO_POSITION, surroundings.signal)
  await sink.sink.probe(spec.options, sink.context)
  return deliverWhole(contextOf(workspace, header), sink, await readStates({ header, store: workspace.store }))
}
