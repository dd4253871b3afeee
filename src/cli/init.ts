// `init [DIR]`: a small working project.

import { isAbsolute, relative, resolve } from 'node:path'
import { catalog, initProject, jobSchema } from '../app.ts'
import type { Io } from './io.ts'
import { shellWord } from './print.ts'
import type { Flags } from './program.ts'

export async function init(io: Io, [given = '.']: string[], flags: Flags): Promise<number> {
  const folder = resolve(io.cwd, given)
  const written = await initProject(folder, `${JSON.stringify(jobSchema(catalog), null, 2)}\n`)
  if (flags.quiet === true) return 0
  const shown = relative(io.cwd, folder)
  const cd = shown === '' || isAbsolute(shown) || given === '.' ? '' : `cd ${shellWord(shown)} && `
  io.err(
    `${written.map((path) => `  ${path}\n`).join('')}\nTry it, without a key and without cost:\n  ${cd}npx batchwright run jobs/reviews.yaml --local\n`,
  )
  return 0
}
