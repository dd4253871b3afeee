/** What YAML allows and a job cannot hold, and the limits of a job's text. */

import type { Problem } from '../core/errors.ts'
import { quoted } from '../core/phrase.ts'

/** A job of a thousand lines is 40 KB; what is larger is data, and data belongs in a dataset. */
export const MAX_TEXT_BYTES = 1_000_000
export const MAX_DEPTH = 100
export const MAX_ALIASES = 100

export const TOO_LARGE: Problem = {
  message: `This file is larger than ${MAX_TEXT_BYTES / 1e6} MB, which is more than a job can be.`,
  hint: 'Rows belong in a dataset file (csv, jsonl, parquet), long texts in templates.',
}
export const TOO_DEEP: Problem = {
  message: `This is nested more than ${MAX_DEPTH} levels deep.`,
  hint: 'A job needs a few levels; look for brackets or dashes that were repeated by mistake.',
}

/** The classic bomb: each alias holds several of the one before. */
export const TOO_MANY_ALIASES: Problem = {
  message: 'The aliases (*name) of this file multiply to more data than a job can be.',
  hint: `At most ${MAX_ALIASES} values may come from aliases; write them out, or keep them in a dataset file.`,
}

export function referenceProblem(message: string): Problem {
  if (/alias count/i.test(message)) return TOO_MANY_ALIASES
  if (/merge sources/i.test(message)) {
    return { message: 'What stands after << must be a mapping, or aliases of mappings.' }
  }
  return { message: `This is not YAML that can be read: ${message.replace(/\.$/, '')}.` }
}

export function numberProblem(value: number, source: string): Problem | undefined {
  if (!Number.isFinite(value)) return { message: `${source} is no number that a job can hold.` }
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || !/^[-+]?\d+$/.test(source)) return undefined
  return {
    message: `The number ${source} has more digits than can be kept exactly.`,
    hint: `Write it in quotes: ${quoted(source)}.`,
  }
}

export function aliasProblem(name: string, isCircular: boolean): Problem {
  if (isCircular) return { message: `The alias *${name} stands inside its own anchor.`, hint: 'Write the value out.' }
  return {
    message: `The alias *${name} has no anchor &${name} above it.`,
    hint: 'A value that begins with * is an alias in YAML; write it in quotes if it is meant as a text.',
  }
}

export const PROTOTYPE_KEY: Problem = { message: 'The name "__proto__" is not allowed.', hint: 'Choose another name.' }

export function taggedProblem(tag: string): Problem {
  return {
    message: `A value with the tag ${tag.replace('tag:yaml.org,2002:', '!!')} cannot stand in a job.`,
    hint: 'Remove the tag.',
  }
}
