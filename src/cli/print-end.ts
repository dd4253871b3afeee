// The end of a command that worked on a run: the document on stdout, the words on stderr.

import { relative } from 'node:path'
import { type DriveEnd, type RunView, readHeader, runFailures, type Workspace } from '../app.ts'
import { visible } from '../core/safe-text.ts'
import { failureText } from './failure-text.ts'
import type { Io } from './io.ts'
import { shellWord, wrapped } from './print.ts'
import type { Flags } from './program.ts'
import { endText } from './summary-text.ts'

/** Lines of a log may be longer than those of a narrow terminal. */
const LOG_COLUMNS = 120

export async function printEnd(
  io: Io,
  flags: Flags,
  workspace: Workspace,
  end: DriveEnd,
  view: RunView | undefined,
): Promise<void> {
  if (flags.json === true) await io.out(`${JSON.stringify(end.summary)}\n`)
  if (flags.quiet === true) {
    if (end.message !== undefined) io.err(`${visible(end.message)}\n`)
    return
  }
  const header = await readHeader(workspace, end.summary.run_id)
  const below = relative(io.cwd, workspace.root)
  // Commands find the project that they are called in; another one has to be named.
  const isElsewhere = !/^(\.\.\/?)*$/.test(below)
  const run = isElsewhere ? `${end.summary.run_id} --root ${shellWord(below)}` : end.summary.run_id
  // A run that is merely left shows its failures when it is over; the gate stops because of them.
  const isTelling = end.exitCode === 3 || end.exitCode === 4
  const columns = io.isPlain ? LOG_COLUMNS : io.columns
  const failures =
    header === undefined || !isTelling ? '' : failureText(run, await runFailures(workspace, header), columns)
  const text = endText(end, { run, below, local: header?.local === true, view, failures })
  io.err(io.isPlain ? text : wrapped(text, columns))
}
