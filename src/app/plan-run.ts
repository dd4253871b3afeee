// Job file → plan. The plan's files are written here; `commitPlan` makes them one.

import { dirname, join, resolve } from 'node:path'
import type { Problem } from '../core/errors.ts'
import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import { newRunNames, runFiles } from '../core/names.ts'
import { checkpointKeys, type RunHeader } from '../core/run.ts'
import { isWrittenBelow } from '../disk/inside-root.ts'
import { createDuplicateCheck } from '../plan/duplicates.ts'
import { planBatches, type RejectedRow } from '../plan/plan.ts'
import { createDocumentReader } from '../prompt/documents.ts'
import { createRenderer } from '../prompt/render.ts'
import type { PriceSource } from '../provider/provider.ts'
import type { AnswerLibrary } from '../run/answer-library.ts'
import { fixedFolder } from '../source/files-of.ts'
import { isGlob } from '../source/glob-pattern.ts'
import { beginRun } from './beginning.ts'
import { providerOf, sourceOf } from './bind.ts'
import { type CountWish, withCounts } from './count-tokens.ts'
import { moneyWarnings, unpricedBudget, usualOutputTokens } from './money.ts'
import { openLibrary } from './reuse.ts'
import { withRowFiles } from './row-files.ts'
import type { PlannedBlocks } from './rows-here.ts'
import { openRows } from './rows-thread.ts'
import { checkHandlers } from './tool-handlers.ts'
import type { Workspace } from './workspace.ts'

export interface Planned {
  readonly header: RunHeader
  /** Rows whose check failed, the first `MAX_REJECTED` of them. */
  readonly rejected: readonly RejectedRow[]
  /** Where the estimate's prices come from; absent: from the job, or there are none. */
  readonly priceSource?: PriceSource
}

/** Rejected rows kept for messages and `plan --json`; all of them are in the plan's files. */
const MAX_REJECTED = 10_000
/** With on_rejected: stop a run need not look at a million rows to say that the template is wrong. */
const ENOUGH_TO_STOP = 50

export interface PlanOptions {
  readonly local: boolean
  /** Looks at every row, however many are rejected. */
  readonly full: boolean
  /** Milliseconds since 1970: answers of later runs are not reused. */
  readonly answersBefore?: number
  readonly count?: CountWish
  /** How the run that is planned is started again, should the process end before the plan is stored. */
  readonly again?: Json
}

/**
 * Checks the job against its provider, renders and checks every row, writes the batch files. Throws UserError for what is
 * wrong with the job or the dataset as a whole; rejected rows are in the answer.
 */
export async function planJob(workspace: Workspace, job: Job, options: PlanOptions): Promise<Planned> {
  const { surroundings, root } = workspace
  const signal = AbortSignal.any([surroundings.signal, surroundings.interrupted])
  // First of all: a thread takes a while to start.
  const rows = await openRows({ job, root }, sourceOf(workspace, job, options.local), signal)
  try {
    return await planRows(workspace, job, options, { blocks: rows.blocks, signal })
  } finally {
    await rows.close()
  }
}

async function planRows(
  workspace: Workspace,
  job: Job,
  options: PlanOptions,
  { blocks, signal }: { readonly blocks: PlannedBlocks; readonly signal: AbortSignal },
): Promise<Planned> {
  const { surroundings, root, artifacts } = workspace
  await checkHandlers(workspace, job)
  const provider = providerOf(job)
  const now = surroundings.clock.now()
  const names = newRunNames(job.name, new Date(now), surroundings.random)
  const runFolder = workspace.runFolder(names.run)
  const model = provider.model(job.model, job.prices)
  const unpriced = options.local ? [] : unpricedBudget(job, model)
  if (unpriced.length > 0) throw new UserError(workspace.place(unpriced))
  const usual = await usualOutputTokens(workspace, job, options.local)
  const documents = createDocumentReader({
    root,
    folders: foldersElsewhere(root, job.dataset),
    runFolder: () => runFolder,
    model,
    limits: provider.limits,
  })
  const rowFiles = withRowFiles(
    createRenderer({ job, provider, documents, mostImageTokens: model?.maxImageTokens }),
    job,
    { root, scratch: runFolder },
    names.run,
  )
  const rejected: RejectedRow[] = []
  let finished = false
  let library: AnswerLibrary | undefined
  try {
    if (options.again !== undefined) await beginRun(workspace, names.run, options.again)
    const before = options.answersBefore === undefined ? {} : { before: options.answersBefore }
    if (job.reuse) library = await openLibrary(workspace, job, names.run, { local: options.local, ...before })
    const header = await planBatches({ ...names, local: options.local, createdAt: now }, job, {
      rows: blocks,
      renderer: rowFiles.renderer,
      provider,
      model,
      artifacts,
      ...(library === undefined ? {} : { reuse: library }),
      ...(usual === undefined ? {} : { usualOutputTokens: usual }),
      duplicates: createDuplicateCheck(join(runFolder, 'duplicates')),
      onRejected(row) {
        const [problem = row.problem] = workspace.place([row.problem])
        if (rejected.length < MAX_REJECTED) rejected.push({ ...row, problem })
        return options.full || job.onRejected === 'skip' || rejected.length < ENOUGH_TO_STOP
      },
      onProgress: surroundings.onPlanned ?? (() => undefined),
      signal,
    })
    await rowFiles.finish()
    const counted = await withCounts(workspace, header, mayRun(job, rejected) ? options.count : undefined)
    finished = true
    for (const text of moneyWarnings(counted, model)) surroundings.notify({ type: 'warning', text })
    const priceSource = model?.priceSource === undefined ? {} : { priceSource: model.priceSource }
    return { header: counted, rejected, ...priceSource }
  } catch (error) {
    throw error instanceof UserError ? new UserError(workspace.place(error.problems)) : error
  } finally {
    await documents.close()
    await rowFiles.discard()
    await library?.close()
    await artifacts.remove(names.run, runFiles.answers('merged'))
    if (!finished) await artifacts.removeRun(names.run)
  }
}

/** Folders outside the root that a files dataset names: its rows' documents lie there. */
function foldersElsewhere(root: string, { type, options }: Job['dataset']): string[] {
  if (type !== 'files') return []
  const paths = (Array.isArray(options.path) ? options.path : [options.path]) as readonly string[]
  return paths
    .filter((path) => !isWrittenBelow(root, path))
    .map((path) => resolve(root, isGlob(path) ? fixedFolder(path) : dirname(path)))
}

/** Stores the header: from now on the plan exists and is what `resume` finds. */
export async function commitPlan(workspace: Workspace, header: RunHeader): Promise<void> {
  // Before the header: where a beginning is, there is no plan, and its files may be removed.
  await workspace.artifacts.remove(header.run, runFiles.beginning)
  await workspace.store.write(checkpointKeys.header(header.run), header as unknown as Json)
  await workspace.store.write(checkpointKeys.latestRun(header.job.name, header.local), header.run)
}

function mayRun(job: Job, rejected: readonly RejectedRow[]): boolean {
  return job.onRejected === 'skip' || rejected.length === 0
}

/** With on_rejected: stop any rejected row stops the run before anything is sent. */
export function refuseRejected(job: Job, rejected: readonly RejectedRow[]): void {
  if (mayRun(job, rejected)) return
  // One mistake in a template meets every row: it is said once, with the first row it met.
  const byReason = new Map<string, { row: RejectedRow; count: number }>()
  for (const row of rejected.slice(0, ENOUGH_TO_STOP)) {
    const known = byReason.get(row.reason)
    if (known === undefined) byReason.set(row.reason, { row, count: 1 })
    else known.count += 1
  }
  throw new UserError([...byReason.values()].map(({ row, count }) => withCount(withHint(row), count - 1)))
}

function withCount(problem: Problem, others: number): Problem {
  if (others === 0) return problem
  return {
    ...problem,
    message: `${problem.message} At least ${others} more ${others === 1 ? 'row has' : 'rows have'} the same problem.`,
  }
}

function withHint(row: RejectedRow): Problem {
  return {
    ...row.problem,
    hint:
      row.problem.hint ?? 'Mend the row, or set on_rejected: skip to send the others and deliver this one as rejected.',
  }
}
