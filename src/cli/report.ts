// `report [RUN]`: one self-contained HTML page about a run; reads what is stored and calls no API.

import { isAbsolute, relative } from 'node:path'
import { writeReport } from '../app.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { oneLine } from './print.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'

export async function report(io: Io, args: string[], flags: Flags): Promise<number> {
  const { workspace, header } = await openRun(io, args[0], flags)
  try {
    const out = typeof flags.out === 'string' ? { out: flags.out } : {}
    const path = await withProgress(io, flags, `Writing the report of ${header.run}`, () =>
      writeReport(workspace, header, { ...out, version: io.version }),
    )
    if (flags.json === true) await io.out(`${JSON.stringify({ path })}\n`)
    else if (flags.quiet !== true) io.err(`The report of ${header.run} is in ${oneLine(fromHere(io, path))}\n`)
    return 0
  } finally {
    await workspace.close()
  }
}

/** As a person would name it who stands here. */
function fromHere({ cwd }: Io, path: string): string {
  const below = relative(cwd, path)
  return below.startsWith('..') || isAbsolute(below) ? path : below
}
