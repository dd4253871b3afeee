import { join } from 'node:path'

import type { Json } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import type { SinkSubject } from '../../src/sink/contract.ts'
import { csv } from '../../src/sink/csv.ts'
import { json } from '../../src/sink/json.ts'
import { jsonl } from '../../src/sink/jsonl.ts'
import type { Sink } from '../../src/sink/sink.ts'
import { tsv } from '../../src/sink/tsv.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { exists, folderPlace, newRoot, python, pythonMissing } from './places.ts'

const missing = await pythonMissing()

/** Reads with Python's own modules: what they understand, other people's programs do. */
const OPEN = `
import csv, gzip, json
def read(path):
    if path.endswith('.gz'):
        return gzip.open(path, 'rt', encoding='utf-8', newline='')
    return open(path, encoding='utf-8', newline='')
`
const READERS = {
  jsonl: `${OPEN}
with read(args[0]) as f:
    answer = [json.loads(line) for line in f.read().split('\\n') if line]
`,
  json: `${OPEN}
with read(args[0]) as f:
    answer = json.load(f)
`,
  csv: `${OPEN}
csv.field_size_limit(1 << 30)
with read(args[0]) as f:
    answer = list(csv.DictReader(f, delimiter=args[1], strict=True))
`,
}

function subject(
  sink: Sink,
  path: string,
  program: string,
  expected: (outcome: Outcome) => Json,
  ...args: string[]
): SinkSubject {
  return {
    sink,
    expect: expected,
    place: async () =>
      folderPlace(await newRoot(), { path }, async (root) =>
        (await exists(join(root, path))) ? ((await python(program, join(root, path), ...args)) as Json[]) : undefined,
      ),
  }
}

const whole = (outcome: Outcome): Json => outcome as unknown as Json

/** CSV knows texts only; anything else is its JSON text, null is nothing. */
const cells = (outcome: Outcome): Json => ({
  key: outcome.key,
  status: outcome.status,
  output:
    outcome.output === null ? '' : typeof outcome.output === 'string' ? outcome.output : JSON.stringify(outcome.output),
  error: '',
  cost_usd: '0.0001',
})

const subjects: Record<string, SinkSubject> = {
  jsonl: subject(jsonl, 'out/rows.jsonl', READERS.jsonl, whole),
  'compressed jsonl': subject(jsonl, 'out/rows.jsonl.gz', READERS.jsonl, whole),
  json: subject(json, 'out/rows.json', READERS.json, whole),
  'compressed json': subject(json, 'out/rows.json.gz', READERS.json, whole),
  csv: subject(csv, 'out/rows.csv', READERS.csv, cells, ','),
  'compressed csv': subject(csv, 'out/rows.csv.gz', READERS.csv, cells, ','),
  tsv: subject(tsv, 'out/rows.tsv', READERS.csv, cells, '\t'),
}
for (const [name, each] of Object.entries(subjects)) {
  describeSink(name, missing === undefined ? each : { reason: missing })
}
