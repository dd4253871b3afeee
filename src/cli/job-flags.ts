// From the flags of a command line to those of a job.

import { UserError } from '../core/errors.ts'
import type { Flags } from './program.ts'

export function jobFlags(flags: Flags) {
  return {
    ...(flags.root === undefined ? {} : { root: flags.root }),
    ...(flags.store === undefined ? {} : { store: flags.store }),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    vars: varsOf(flags.var ?? []),
    set: [...(flags.set ?? []), ...(flags.reuse === false ? ['reuse=false'] : [])],
    local: flags.local === true,
  }
}

/** Flags of commands that are given a run and no job. */
export function placeFlags(flags: Flags): { root?: string; store?: string } {
  return {
    ...(flags.root === undefined ? {} : { root: flags.root }),
    ...(flags.store === undefined ? {} : { store: flags.store }),
  }
}

function varsOf(pairs: readonly string[]): Record<string, string> {
  const vars: Record<string, string> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UserError(`--var takes name=value, and "${pair}" is not of that form.`)
    vars[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return vars
}
