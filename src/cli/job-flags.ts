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
  // Entries, because an assignment to the name __proto__ would be lost.
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UserError(`--var takes name=value, and "${pair}" is not of that form.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
