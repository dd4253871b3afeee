// Says in words how two plans of one job differ.

import type { Job } from '../core/job.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import type { RunHeader } from '../core/run.ts'

/** At least one phrase; the first name what a person most likely edited. */
export function whatChanged(before: RunHeader, after: RunHeader): string[] {
  const phrases: string[] = []
  for (const name of Object.keys({ ...before.job, ...after.job }) as (keyof Job)[]) {
    if (name === 'root' || name === 'file') continue
    if (textOf(before.job[name]) !== textOf(after.job[name])) phrases.push(PHRASES[name] ?? `"${name}" in the job`)
  }
  if (before.rows !== after.rows) phrases.push(`the dataset has ${after.rows} rows and had ${before.rows}`)
  else if (phrases.length === 0) phrases.push('rows of the dataset or its documents')
  return [...new Set(phrases)]
}

/** How a person would name what is behind a key of the job. */
const PHRASES: Partial<Record<keyof Job, string>> = {
  messages: 'the prompt or its template',
  system: 'the system prompt or its template',
  partials: 'a template (partial)',
  output: '"output" or its schema',
  tools: '"tools" or a tool schema',
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value as Json)
}
