import { jsonFileSink } from './json-file.ts'

const LINE = ['', '\n'] as const

export const jsonl = jsonFileSink('jsonl', {
  about: 'One JSON object a line, one line a row: the whole outcome, or the columns you name.',
  extensions: ['.jsonl', '.ndjson'],
  frame: { head: '', around: () => LINE, tail: () => '' },
})
