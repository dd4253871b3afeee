import type { Problem } from '../core/errors.ts'
import type { Select } from '../core/job.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isSelected, type Outcome } from '../core/result.ts'
import type { SourceRow } from '../core/row.ts'
import { groupRows } from './group.ts'
import type { Source, SourceContext } from './source.ts'

/**
 * Reads what became of another job's rows, in their order. `job` is the job's name or its file, as the user wrote it.
 * Throws UserError where the job has no finished run.
 */
export type ReadOutcomes = (job: string, context: SourceContext) => AsyncIterable<Outcome>

/** The component, given what reads a run's outcomes. */
export function resultsSource(readOutcomes: ReadOutcomes): Source {
  return {
    type: 'results',
    about:
      'The outcomes of another job, one row an outcome (key, status, output, text, row …), or with group_by one row a group: { group, items }.',
    options: {
      type: 'object',
      required: ['job'],
      additionalProperties: false,
      properties: {
        job: {
          type: 'string',
          minLength: 1,
          description: 'The other job: its name, or its file relative to the project root. Its latest run is read.',
          examples: ['extract-facts', 'jobs/extract-facts.yaml'],
        },
        select: {
          enum: ['succeeded', 'failed', 'all'],
          description: 'Which outcomes: those that succeeded, all others, or all.',
          default: 'succeeded',
          examples: ['all'],
        },
        group_by: {
          type: 'string',
          minLength: 1,
          description:
            'A dotted path into the outcome. Outcomes with the same value there become one row { group, items }; those without it are the group null. Groups come sorted by their value as JSON.',
          examples: ['output.category', 'row.author'],
        },
      },
    },
    check: checkPath,
    rows: (options, context) => rowsOf(options, context, readOutcomes),
  }
}

function checkPath({ group_by: path }: JsonObject): readonly Problem[] {
  if (typeof path !== 'string' || path.split('.').every((name) => name !== '')) return []
  return [
    {
      message: `group_by is "${path}", which has an empty name in it.`,
      hint: 'Join names with single dots, as in output.category.',
      path: '/group_by',
    },
  ]
}

async function* rowsOf(
  options: JsonObject,
  context: SourceContext,
  readOutcomes: ReadOutcomes,
): AsyncGenerator<SourceRow> {
  const job = String(options.job)
  const select = (options.select ?? 'succeeded') as Select
  const place = { file: job }
  const outcomes = selected(readOutcomes(job, context), select, context.signal)
  if (typeof options.group_by === 'string') yield* groupRows(outcomes, options.group_by, context, place)
  else for await (const outcome of outcomes) yield { fields: outcome, key: String(outcome.key), place }
}

async function* selected(
  outcomes: AsyncIterable<Outcome>,
  select: Select,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  signal.throwIfAborted()
  for await (const outcome of outcomes) {
    if (isSelected(select, outcome.status)) yield withoutUndefined(outcome)
    signal.throwIfAborted()
  }
}

function withoutUndefined(outcome: Outcome): JsonObject {
  const members = Object.entries(outcome).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members) as Readonly<Record<string, Json>>
}
