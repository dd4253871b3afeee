// The helpers and blocks that a template may use, and what is said of a call that is none of them.

import { nearest } from '../core/nearest.ts'
import { listed } from '../core/phrase.ts'
import { HELPERS, type Helper } from './helpers.ts'

export const BLOCKS = ['if', 'unless', 'each', 'with']
/** Helpers that answer yes or no may stand as a block: {{#eq a b}} … {{/eq}}. */
export const CONDITIONS = ['eq', 'ne', 'gt', 'lt', 'and', 'or', 'not']

/** Handlebars' own; in our words it reads a property that a value names. */
const LOOKUP: Pick<Helper, 'name' | 'usage' | 'least' | 'most' | 'options' | 'reads'> = {
  name: 'lookup',
  usage: '{{lookup list index}}',
  least: 2,
  most: 2,
  options: [],
  reads: 'may',
}

export type Callable = typeof LOOKUP

const CALLABLES: ReadonlyMap<string, Callable> = new Map([...HELPERS, LOOKUP].map((helper) => [helper.name, helper]))

/** What is wrong, and what to do about it. */
export interface Complaint {
  readonly message: string
  readonly hint?: string
}

export function helperNamed(name: string | undefined): Callable | undefined {
  return name === undefined ? undefined : CALLABLES.get(name)
}

export function checkCount({ name, usage, least, most }: Callable, given: number): Complaint | undefined {
  if (given >= least && given <= most) return undefined
  return { message: `The helper ${name} takes ${range(least, most)}; it was given ${given}.`, hint: `Write ${usage}.` }
}

export function unknownHelper(name: string): Complaint {
  if (BLOCKS.includes(name)) return { message: `${name} is a block.`, hint: `Write {{#${name} …}} … {{/${name}}}.` }
  const guess = nearest(name, CALLABLES.keys())
  return {
    message: `Unknown helper "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    hint: `The helpers are ${listed([...CALLABLES.keys()], 'and')}; a name alone is written {{${name}}}.`,
  }
}

export function unknownBlock(name: string): Complaint {
  if (CALLABLES.has(name)) {
    return { message: `${name} is no block.`, hint: `Write {{${name} …}} without # and without {{/${name}}}.` }
  }
  const guess = nearest(name, BLOCKS)
  return {
    message: `Unknown block {{#${name}}}.${guess === undefined ? '' : ` Did you mean {{#${guess}}}?`}`,
    hint: `The blocks are ${listed(
      BLOCKS.map((block) => `{{#${block}}}`),
      'and',
    )}.`,
  }
}

export function unknownOption(name: string, option: string, allowed: readonly string[]): Complaint {
  return {
    message: `Unknown option "${option}" of ${name}.`,
    hint: allowed.length === 0 ? `${name} has no options.` : `The options of ${name} are ${listed(allowed, 'and')}.`,
  }
}

function range(least: number, most: number): string {
  const values = (count: number): string => (count === 1 ? 'one value' : `${count} values`)
  if (least === most) return values(least)
  return most === Number.POSITIVE_INFINITY ? `at least ${values(least)}` : `${least} or ${values(most)}`
}
