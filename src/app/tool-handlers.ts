// The handlers of a job's tools: checked before anything is sent, lent to the run, ended with it.

import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { RunHeader } from '../core/run.ts'
import { runsTools } from '../core/runs-tools.ts'
import { createHandlers } from '../tool/handlers.ts'
import { HandlerGoneError, type ToolHandlers } from '../tool/tool.ts'
import type { Workspace } from './workspace.ts'

/** Loads every module and looks for every command. Throws UserError for a handler that could never be run. */
export async function checkHandlers(workspace: Workspace, job: Job): Promise<void> {
  if (!runsTools(job)) return
  const handlers = openHandlers(workspace, job)
  try {
    const problems = await handlers.check()
    if (problems.length > 0) throw new UserError(problems.map((problem) => ({ file: job.file, ...problem })))
  } finally {
    await handlers.close()
  }
}

/**
 * Lends the handlers of a run to `work`, and ends their processes when it is done. `isNeeded`: something may still be
 * answered, so a handler that is gone since planning stops the run before more is paid for.
 */
export async function lendHandlers<T>(
  workspace: Workspace,
  { job, run }: RunHeader,
  isNeeded: boolean,
  work: (handlers: ToolHandlers) => Promise<T>,
): Promise<T> {
  const handlers = openHandlers(workspace, job)
  try {
    const problems = isNeeded && runsTools(job) ? await handlers.check() : []
    if (problems.length > 0) throw new HandlerGoneError(problems.map(({ message }) => message).join('\n'))
    return await work(handlers)
  } catch (error) {
    if (!(error instanceof HandlerGoneError)) throw error
    const hint = `Nothing is lost. Mend it, then go on with: batchwright resume ${run}`
    throw new HandlerGoneError(`${error.message}\n${hint}`, { cause: error })
  } finally {
    await handlers.close()
  }
}

function openHandlers({ root, surroundings }: Workspace, { tools }: Job): ToolHandlers {
  const { kill } = surroundings.process
  return createHandlers(tools, {
    root,
    env: surroundings.env,
    notify: (text) => surroundings.notify({ type: 'note', text }),
    ...(kill === undefined ? {} : { kill }),
  })
}
