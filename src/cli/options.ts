// The options that several commands share, and how their values are read.

import { InvalidArgumentError, Option } from 'commander'

export const root = new Option('--root <dir>', 'the project root (default: found above the job file)')
export const store = new Option('--store <url>', 'where the state is kept, instead of the job’s `store`')
export const local = new Option('--local', 'use the built-in emulator: no key, no cost, simulated answers')
export const json = new Option('--json', 'print one JSON document on stdout')
export const quiet = new Option('--quiet', 'print nothing on stderr but errors')
export const verbose = new Option('--verbose', 'print more about what is done')
export const vars = new Option('--var <k=v>', 'set a template variable of the job').argParser(collect)
export const set = new Option('--set <path=value>', 'set a key of the job, such as batch.max_requests=500').argParser(
  collect,
)
export const limit = new Option('--limit <n>', 'take only the first N rows').argParser(wholeNumber)
export const noReuse = new Option('--no-reuse', 'ask every row, also those that an earlier run has answered')
export const exact = new Option(
  '--exact',
  'let the provider count the tokens of every request, not only of a few; free, needs the key',
)
export const ofJob = [root, store, local, vars, set, limit]
export const rootHere = new Option('--root <dir>', 'the project root (default: found above this folder)')
export const ofRun = [rootHere, store, new Option('--local', 'only runs of the built-in emulator')]
export const ofProvider = [rootHere, store, new Option('--local', 'the batches of the built-in emulator')]

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

/** Throws commander's InvalidArgumentError for anything else. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number.`)
  return Number(text)
}

/** Zero or more. Throws commander's InvalidArgumentError for anything else. */
export function positive(text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new InvalidArgumentError(`"${text}" is not a number of zero or more.`)
  return value
}
