// What every act of the program needs of its surroundings: the folder, the store, the clock, the environment.

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactStore } from '../artifact/artifact.ts'
import { createDirectoryArtifacts } from '../artifact/directory.ts'
import type { CheckpointStore } from '../checkpoint/checkpoint.ts'
import { openCheckpointStore } from '../checkpoint/keyv.ts'
import type { RunId } from '../core/batch.ts'
import type { Problem } from '../core/errors.ts'
import { exists } from '../disk/exists.ts'
import { DEFAULTS } from '../job/defaults.ts'
import type { Clock, Notice, RunView } from '../run/ports.ts'

/** What the process gives: nothing below `cli.ts` reads it from anywhere else. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly process: {
    readonly pid: number
    readonly hostname: string
    /** Signals another process, or with a negative number a group of them; absent: handlers are ended one by one. */
    readonly kill?: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void
  }
  readonly clock: Clock
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Writes bytes to standard output, for the stdout sink. */
  readonly writeOut: (bytes: Uint8Array) => Promise<void>
  readonly notify: (notice: Notice) => void
  /** Told how many rows have been read for a plan, for a display: called for every row, so it must be quick. */
  readonly onPlanned?: (rows: number) => void
  /** Told how a run stands while it is worked on, for a display. */
  readonly onTick?: (view: RunView) => void
  /** First Ctrl-C: finish what is in hand. */
  readonly interrupted: AbortSignal
  /** Second Ctrl-C: stop at once. */
  readonly signal: AbortSignal
}

export interface Workspace {
  readonly surroundings: Surroundings
  /** Absolute path of the project root. */
  readonly root: string
  readonly store: CheckpointStore
  readonly artifacts: ArtifactStore
  runFolder(run: RunId): string
  /** Gives problems that point into the job their line in the job file; without a job file they stay as they are. */
  place(problems: readonly Problem[]): readonly Problem[]
  close(): Promise<void>
}

/** Where everything that we keep lies, below the root. */
export const STATE_FOLDER = '.batchwright'

export async function openWorkspace(surroundings: Surroundings, root: string, storeUrl?: string): Promise<Workspace> {
  await makeStateFolder(join(root, STATE_FOLDER))
  const runs = join(root, STATE_FOLDER, 'runs')
  const store = await openCheckpointStore(storeUrl ?? DEFAULTS.store, {
    root,
    processInfo: surroundings.process,
    now: surroundings.clock.now,
  })
  return {
    surroundings,
    root,
    store,
    artifacts: createDirectoryArtifacts(runs),
    runFolder: (run) => join(runs, run),
    place: (problems) => problems,
    close: () => store.close(),
  }
}

/**
 * What it will hold are the contents of requests and answers: nobody wants them in a commit by accident, and other users
 * of the machine have no business with them. A folder in use is left as it is. Where none can be made, the store says so
 * in better words.
 */
async function makeStateFolder(folder: string): Promise<void> {
  const isNew = await mkdir(folder).then(
    () => true,
    () => false,
  )
  if (isNew) await writeFile(join(folder, '.gitignore'), '*\n')
  // A new project and a clone of it have the folder, and no run in it yet.
  if (!(await exists(join(folder, 'runs')))) await chmod(folder, 0o700).catch(() => {})
}
