// Names of a run and of its files, in one place so that what one room writes another finds.

import type { RunId } from './batch.ts'

const TAG_DIGITS = 6
const SUFFIX_DIGITS = 4

/**
 * A new run's id and the tag inside its custom_ids: `summarize-pdfs-20261122-071500-x7k2` and `x7k2f9`.
 * `random` gives numbers in [0, 1).
 */
export function newRunNames(jobName: string, now: Date, random: () => number): { run: RunId; tag: string } {
  const tag = Array.from({ length: TAG_DIGITS }, () => Math.floor(random() * 36).toString(36)).join('')
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return { run: `${jobName}-${stamp}-${tag.slice(0, SUFFIX_DIGITS)}`, tag }
}

const padded = (index: number): string => String(index).padStart(4, '0')

/** Files of a run, relative to its own space in the artifact store. */
export const runFiles = {
  /** How a run whose planning has begun is started again; there until its plan is stored. */
  beginning: 'beginning.json',
  requests: (index: number, attempt: number): string => `requests/${padded(index)}.${attempt}.plan`,
  rejected: (index: number): string => `rejected/${padded(index)}.jsonl`,
  reused: (index: number): string => `reused/${padded(index)}.plan`,
  /** What the run has answered, for later runs: contents, keys, and what the two were made from. */
  answers: (kind: 'contents' | 'keys' | 'merged' | 'about', part?: number): string =>
    `answers/${kind}${part === undefined ? '' : `.${part}`}`,
  withdrawn: (index: number, attempt: number): string => `withdrawn/${padded(index)}.${attempt}.json`,
  results: (index: number, attempt: number): string => `results/${padded(index)}.${attempt}.jsonl`,
  /** Where each request's line lies in them. */
  resultIndex: (index: number, attempt: number): string => `results/${padded(index)}.${attempt}.index`,
}
