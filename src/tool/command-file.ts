// Finds the program that a command names, as the system would, before anything depends on it.

import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Env } from '../core/env-text.ts'
import type { Problem } from '../core/errors.ts'
import { quoted } from '../core/phrase.ts'

/** Where a system without a PATH looks. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin'

/** Why the program cannot be started; undefined: it can. A name with a slash is a path below the root. */
export async function commandProblem(
  command: readonly string[],
  { root, env }: { readonly root: string; readonly env: Env },
): Promise<Problem | undefined> {
  const [program = ''] = command
  const isPath = isAbsolute(program) || /[/\\]/.test(program)
  const folders = isPath ? [''] : (env.PATH ?? env.Path ?? DEFAULT_PATH).split(delimiter)
  const endings = ['', ...(env.PATHEXT ?? '').split(';').filter((ending) => ending !== '')]
  let isThere = false
  for (const folder of folders) {
    for (const ending of endings) {
      const found = await look(isPath ? resolve(root, program + ending) : join(resolve(root, folder), program + ending))
      if (found === 'program') return undefined
      isThere ||= found === 'file'
    }
  }
  const where = isPath ? 'below the project root' : 'in any folder of PATH'
  const message = isThere
    ? `The command ${quoted(program)} is there but cannot be executed.`
    : `The command ${quoted(program)} is not there: ${where} is no program of that name.`
  const hint = isThere
    ? `Make it executable (chmod +x), or name its interpreter first: [python3, ${program}].`
    : 'Install it or mend its name; a command is a list of a program and its arguments, without a shell.'
  return { path: '/command', message, hint }
}

async function look(path: string): Promise<'program' | 'file' | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined
  } catch {
    return undefined
  }
  try {
    await access(path, constants.X_OK)
    return 'program'
  } catch {
    return 'file'
  }
}
