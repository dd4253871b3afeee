import { jsonFileSink } from './json-file.ts'

export const jsonl = jsonFileSink('jsonl', {
  about: 'One JSON object a line, one line a row: the whole outcome, or the columns you name.',
  extensions: ['.jsonl', '.ndjson'],
  frame: { head: '', around: () => ['', '\n'], tail: () => '' },
})
