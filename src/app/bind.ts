// Finds the components a job names, and makes of them what the rooms take.

import { sinks, sources } from '../catalog.ts'
import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { compileSchema } from '../core/json-schema.ts'
import type { Outcome } from '../core/result.ts'
import type { RunHeader } from '../core/run.ts'
import { createTemplates } from '../prompt/template.ts'
import type { BoundSink } from '../run/deliver.ts'
import type { RunContext } from '../run/ports.ts'
import type { Sink } from '../sink/sink.ts'
import { createStdoutSink } from '../sink/stdout.ts'
import { resultsSource } from '../source/results.ts'
import type { Source } from '../source/source.ts'
import { named, providerOf } from './component.ts'
import { readOutcomes } from './read-outcomes.ts'
import type { Workspace } from './workspace.ts'

export function sourceOf(workspace: Workspace, job: Job, local: boolean): Source {
  if (job.dataset.type === 'results')
    return resultsSource((other, { jobFile }) => readOutcomes(workspace, other, { local, jobFile }))
  return named(sources, job.dataset.type, 'source')
}

/** Everything about a run that its files and states need, without a connection. */
export function contextOf(
  workspace: Pick<Workspace, 'store' | 'artifacts' | 'root' | 'runFolder'>,
  header: RunHeader,
): RunContext {
  const provider = providerOf(header.job)
  return {
    header,
    store: workspace.store,
    artifacts: workspace.artifacts,
    provider,
    model: provider.model(header.job.model, header.job.prices),
    schema: header.job.output === undefined ? undefined : compileSchema(header.job.output.schema),
    folders: { root: workspace.root, run: workspace.runFolder(header.run) },
  }
}

/** Who a sink's path templates and templates may speak of beside the outcome. */
interface RunNames {
  readonly run: string
  readonly job: Job
}

/** What sinks need of a workspace. */
interface SinkWorkspace {
  readonly root: string
  readonly surroundings: Pick<Workspace['surroundings'], 'env' | 'writeOut'>
}

/** The job's sinks with their contexts; templates are compiled here, so a mistake in one is a UserError now. */
export function bindSinks(workspace: Workspace, names: RunNames, signal: AbortSignal): BoundSink[] {
  return names.job.sinks.map((spec, position) => bindSink(workspace, names, spec, position, signal))
}

export function bindSink(
  workspace: SinkWorkspace,
  names: RunNames,
  spec: BoundSink['spec'],
  position: number,
  signal: AbortSignal,
): BoundSink {
  const { job } = names
  const templates = createTemplates(job.partials)
  const texts = new Map<string, ReturnType<typeof templates.compile>>()
  const about: JsonObject = { job: { name: job.name }, run: { id: names.run }, vars: job.vars }
  const whole = spec.template === undefined ? undefined : templates.compile(spec.template)
  const contextOfOutcome = (outcome: Outcome | null): JsonObject =>
    outcome === null ? about : { ...about, ...(outcome as unknown as JsonObject) }
  return {
    position,
    spec,
    sink: sinkOf(workspace, spec.type),
    context: {
      run: names.run,
      jobName: job.name,
      root: workspace.root,
      env: workspace.surroundings.env,
      ...(whole === undefined ? {} : { render: (outcome: Outcome) => whole.render(contextOfOutcome(outcome)) }),
      renderText(text, outcome) {
        let template = texts.get(text)
        if (template === undefined) {
          template = templates.compile({ text, file: job.file, line: 1, column: 1 })
          texts.set(text, template)
        }
        return template.render(contextOfOutcome(outcome))
      },
      ...(job.output === undefined ? {} : { outputSchema: job.output.schema }),
      signal,
    },
  }
}

function sinkOf(workspace: SinkWorkspace, type: string): Sink {
  if (type === 'stdout') return createStdoutSink(workspace.surroundings.writeOut)
  return named(sinks, type, 'sink')
}

/** Tries every sink without leaving a trace. Throws one UserError with all that could not be written. */
export async function probeSinks(sinks: readonly BoundSink[]): Promise<void> {
  const problems = []
  for (const { sink, spec, context, position } of sinks) {
    try {
      await sink.probe(spec.options, context)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems.map((problem) => ({ path: `/sinks/${position}`, ...problem })))
    }
  }
  if (problems.length > 0) throw new UserError(problems)
}

export { providerOf }
