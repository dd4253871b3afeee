// What is stored of a run before it has a plan: how to start it again. Whoever finds it knows that nothing was sent.

import { type Problem, UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import { checkpointKeys } from '../core/run.ts'
import type { Workspace } from './workspace.ts'

/** There is no run to go on with, but one that was stopped while it was planned. */
export class UnplannedError extends UserError {
  readonly run: string
  /** What `beginRun` was given; undefined: nothing was stored yet. */
  readonly again: Json | undefined

  constructor(run: string, again: Json | undefined) {
    super(wordsOf(run))
    this.run = run
    this.again = again
  }
}

/** Stores how the run is started again, before the first row is read. */
export async function beginRun({ artifacts }: Workspace, run: string, again: Json): Promise<void> {
  const writer = await artifacts.create(run, runFiles.beginning)
  await writer.write(Buffer.from(JSON.stringify(again)))
  await writer.commit()
}

/** The newest run whose planning has begun and never ended; of one job, where one is named. */
export async function findBeginning(
  workspace: Workspace,
  name: string | undefined,
): Promise<UnplannedError | undefined> {
  const begun: string[] = []
  for (const run of await workspace.artifacts.runs()) {
    const isMeant = name === undefined || run === name || jobOf(run) === name
    if (isMeant && (await workspace.store.read(checkpointKeys.header(run))) === undefined) begun.push(run)
  }
  const run = begun.sort().at(-1)
  return run === undefined ? undefined : new UnplannedError(run, await readBeginning(workspace, run))
}

/**
 * Removes what is left of runs of the job that were stopped while they were planned. The caller holds the lock under which
 * they are planned, so nobody is at work on them; a run with a plan has no beginning any more, whatever its store.
 */
export async function removeBeginnings({ artifacts, store }: Workspace, job: string): Promise<void> {
  for (const run of await artifacts.runs()) {
    if (jobOf(run) !== job || (await artifacts.size(run, runFiles.beginning)) === undefined) continue
    // A removal that a power cut undid says nothing: the header decides.
    if ((await store.read(checkpointKeys.header(run))) === undefined) await artifacts.removeRun(run)
  }
}

/** Run ids begin with the job's name. */
function jobOf(run: string): string {
  return run.replace(/-\d{8}-\d{6}-\w+$/, '')
}

async function readBeginning({ artifacts }: Workspace, run: string): Promise<Json | undefined> {
  if ((await artifacts.size(run, runFiles.beginning)) === undefined) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of artifacts.read(run, runFiles.beginning)) pieces.push(piece)
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Json
}

function wordsOf(run: string): Problem {
  return {
    message: `There is no unfinished run here, only the beginning of one: ${run} was not planned to its end, and before that nothing is sent.`,
    hint: 'Start it again with: batchwright run JOB.yaml. (If its store was deleted, batchwright batches list shows what is out.)',
  }
}
