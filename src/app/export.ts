// Outcomes of a run into a sink that the job does not name.

import { catalog } from '../catalog.ts'
import { UserError } from '../core/errors.ts'
import type { Select, SinkSpec } from '../core/job.ts'
import type { RunHeader, SinkReport } from '../core/run.ts'
import { deliverWhole } from '../run/deliver.ts'
import { readStates } from '../run/desk.ts'
import { bindSink, contextOf } from './bind.ts'
import type { Workspace } from './workspace.ts'

/** Throws UserError for a target that no sink writes. */
export async function exportOutcomes(
  workspace: Workspace,
  header: RunHeader,
  target: string,
  select: Select,
): Promise<SinkReport> {
  const context = contextOf(workspace, header)
  const spec = sinkFor(target, select)
  const sink = bindSink(workspace, { run: header.run, job: header.job }, spec, 0, workspace.surroundings.signal)
  await sink.sink.probe(spec.options, sink.context)
  return deliverWhole(context, sink, await readStates({ header, store: workspace.store }))
}

function sinkFor(target: string, select: Select): SinkSpec {
  if (target === '-') return { type: 'stdout', select, options: {} }
  if (/^postgres(ql)?:/.test(target)) return { type: 'postgres', select, options: { url: target, table: 'outcomes' } }
  if (/^https?:/.test(target)) return { type: 'webhook', select, options: { url: target } }
  const plain = target.replace(/\.gz$/i, '').toLowerCase()
  const type = catalog.sinks.find((sink) => sink.extensions?.some((ending) => plain.endsWith(ending)))?.type
  if (type === undefined) {
    const endings = catalog.sinks.flatMap((sink) => sink.extensions ?? []).join(' ')
    throw new UserError({
      message: `"${target}" does not say what to write: its ending names no sink.`,
      hint: `Use one of the endings ${endings} (each also with .gz where the sink takes it), a postgres:// or https:// URL, or - for standard output.`,
    })
  }
  const extra = type === 'sqlite' ? { table: 'outcomes' } : {}
  return { type, select, options: { path: target, ...extra } }
}
