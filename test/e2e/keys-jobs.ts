// The jobs with which every key is tried, so that a test can see whether one is left.

const MODEL = 'model: claude-haiku-5-5\n'

/** Each is used by a test under its name. */
export const JOBS = {
  rows: `version: 1
name: the-rows
description: Never sent
vars: { language: English, tone: calm }
${MODEL}params: { max_tokens: 77, stop_sequences: ["\${STOP_WORD:-END}"], output_config: { effort: low } }
dataset:
  type: csv
  path: data/rows.csv
  where: int(stars) > 1
  sample: { size: 3, seed: 7 }
  limit: 2
  matrix: { topic: [tea, rain] }
  key: "{{name}}-{{topic}}"
system: "Speak {{vars.language}} and be {{vars.tone}}."
prompt: "{{upper name}} on {{topic}} for {{job.name}}"
sinks: [out/rows.jsonl]
`,
  documents: `${MODEL}dataset:
  type: rows
  rows: [{ name: Ann, pages: "2", address: "https://example.com/a.pdf", id: file_011CNha8iCJcU1wXNR6q4V8w, body: A text. }]
documents:
  - { file: docs/three.pdf, title: "For {{name}}", context: "Page {{pages}}", citations: true, cache: 1h, pages: 2-3 }
  - { file: docs/dot.png }
  - { file: docs/plain.txt, citations: true }
  - { url: "{{address}}", citations: true }
  - { text: "{{body}}", citations: true }
  - { file_id: "{{id}}", citations: true }
system: { template: t/main.hbs, cache: 1h }
prompt: { template: t/main.hbs, cache: 5m }
sinks: [out/documents.jsonl]
`,
  turns: `${MODEL}dataset: { type: rows, rows: [{ q: Why? }] }
system: { text: Be brief. }
messages:
  - { role: user, content: { text: One?, cache: 1h } }
  - { role: assistant, content: "1" }
  - { role: user, content: { template: t/greeting.hbs } }
  - { role: assistant, content: "2" }
  - { role: user, content: [{ text: "Three: {{q}}", cache: 5m }, { template: t/q.hbs }, Last] }
tools:
  - { name: lookup, description: Looks up., input_schema: { type: object, properties: { q: { type: string } } } }
  - { type: web_search_20250305, name: web_search, max_uses: 3 }
sinks: [out/turns.jsonl]
`,
  everything: `name: everything
${MODEL}provider:
  type: anthropic
  base_url: \${PROXY}
  api_key_env: TEAM_KEY
  headers: { x-team: research }
  betas: [beta-one-2026-01-01]
  version: "2023-06-01"
params: { max_tokens: 100, temperature: 0.5 }
dataset:
  type: jsonl
  path: data/cases.jsonl
  key: "k-{{id}}"
documents: [{ file: docs/three.pdf, pages: "2" }]
prompt: { text: "{{say}}" }
batch: { max_requests: 2, max_bytes: 1MB, max_in_flight: 2, poll: 100ms..150ms, custom_id: exact }
retry: { max_attempts: 2, truncated: { grow: 1.5, max_tokens: 140 } }
gate: { max_error_rate: 1 }
reuse: true
budget: { max_usd: 5000, confirm_above_usd: 0.000001 }
prices:
  claude-haiku-5-5:
    - { up_to_prompt_tokens: 10, input: 1, output: 1 }
    - { input: 1000, output: 2000, cache_read: 1, cache_write_5m: 1, cache_write_1h: 1, batch_factor: 1 }
store: sqlite:.batchwright/elsewhere.db
on_rejected: skip
sinks:
  - { type: jsonl, path: out/everything.jsonl, select: all }
  - type: csv
    path: out/good.csv
    columns: { who: key, said: row.formula, label: "{{row.id}}!" }
    delimiter: ";"
    formulas: escape
    newline: crlf
    bom: true
  - { type: files, path: "out/pages/{{key}}.md", template: "# {{output}} ({{vars.mark}})" }
  - { type: tsv, path: out/failed.tsv, select: failed, columns: [key, status] }
  - out/good.json
  - { type: webhook, url: "\${HOOK}/parts", allow_http: true, select: all, columns: { key: key, pad: '{{vars.long}}' }, max_bytes: 1000, headers: { x-team: research }, timeout: 0.6, retry_for: 9 }
  - { type: webhook, url: "\${HOOK}/rows", allow_http: true, batch: row, columns: [key] }
vars: { mark: x, long: ${'x'.repeat(600)} }
`,
  structured: output('structured', 'mode: structured'),
  forced: output('forced', 'mode: tool, repair: 1'),
  prompted: output('prompted', 'mode: prompt, repair: 2'),
  unrepaired: output('unrepaired', 'repair: 0'),
  tooled: tools('tooled', 3),
  cut: tools('cut', 1),
  money: `${MODEL}provider: anthropic
dataset: data/cases.jsonl
prompt: "Careful: {{say}}"
budget: { max_usd: 0.00001 }
sinks: [out/money.jsonl]
on_rejected: skip
`,
  gated: `${MODEL}dataset: data/rows.csv
prompt: "Refuse {{name}}"
batch: { max_requests: 1, max_in_flight: 1 }
retry: { max_attempts: 1 }
gate: { max_error_rate: 0.5 }
sinks: [{ type: jsonl, path: out/gated.jsonl, select: all }]
`,
} as const

function output(name: string, mode: string): string {
  return `name: ${name}
${MODEL}dataset: { type: rows, key: only, rows: [{ what: ${name} }] }
prompt: "Fill in for {{what}}"
output:
  schema: { $ref: schemas/answer.schema.json }
  ${mode.replaceAll(', ', '\n  ')}
sinks: [{ type: jsonl, path: out/${name}.jsonl, select: all }]
`
}

function tools(name: string, rounds: number): string {
  return `name: ${name}
${MODEL}dataset: { type: rows, key: only, rows: [{ word: ${name} }] }
prompt: "What is {{word}}?"
tools:
  - name: lookup
    input_schema: { $ref: schemas/lookup.schema.json }
    handler: { module: tools/lookup.mjs, export: lookUp, timeout: 5s }
max_rounds: ${rounds}
sinks: [{ type: jsonl, path: out/${name}.jsonl, select: all }]
`
}

interface DatasetJob {
  readonly text: string
  readonly keys: readonly string[]
  /** The prompt of the first row. */
  readonly first: string
}

function dataset(options: string, prompt: string, keys: readonly string[], first: string): DatasetJob {
  return { text: `${MODEL}dataset: { ${options} }\nprompt: "${prompt}"\nsinks: [out/x.jsonl]\n`, keys, first }
}

/** One for each type, with every option that the type has. */
export const DATASETS: Readonly<Record<string, DatasetJob>> = {
  rows: dataset('type: rows, rows: [{ a: 1 }, { a: 2 }]', 'a={{a}}', ['1', '2'], 'a=1'),
  csv: dataset(
    'type: csv, path: [data/odd.txt], delimiter: ";", quote: "\'", escape: "\\\\", columns: [id, text], encoding: latin1, types: { id: number }, key: "n{{id}}", where: id < 2',
    '{{text}}',
    ['n1'],
    "Grüße; it's",
  ),
  tsv: dataset('type: tsv, path: data/*.tsv', '{{b}}', ['1'], 'x y'),
  jsonl: dataset('type: jsonl, path: "data/{cases,none}.jsonl", limit: 1', '{{id}}', ['1'], 'plain'),
  json: dataset('type: json, path: data/nested.json, at: data.items', '{{v}}', ['1', '2'], 'one'),
  parquet: dataset(
    'type: parquet, path: data/table.parquet, columns: [name, raw], binary: text',
    '{{name}} {{raw}}',
    ['1', '2'],
    'Ann bytes',
  ),
  files: dataset(
    'type: files, path: [docs/*.txt, docs/*.png]',
    '{{file.name}}',
    ['docs/plain.txt', 'docs/dot.png'],
    'plain.txt',
  ),
  sql: dataset(
    'type: sql, query: "select name, stars::int as n from people where n > 3 order by n", files: { people: data/rows.csv }, key: "{{name}}"',
    '{{name}} {{n}}',
    ['Cy', 'Ann'],
    'Cy 4',
  ),
  module: dataset('type: module, module: data/rows.mjs, export: people', '{{name}}', ['1', '2'], 'Ann'),
}

/** Keys that other tests try through the command line, with the tests. */
export const COVERED_ELSEWHERE: Readonly<Record<string, string>> = {
  '/documents/*/upload': 'test/e2e/upload.test.ts',
  '/tools/*/handler/command': 'test/job-docs.test.ts',
  '/tools/*/handler/http': 'test/job-docs.test.ts',
  '/sinks/*/table': 'test/e2e/sinks.test.ts',
  '/sinks/*/url_env': 'test/e2e/sinks.test.ts',
  '/sinks/*/schema': 'test/e2e/sinks.test.ts',
  '/sinks/*/module': 'test/e2e/sinks.test.ts',
  '/sinks/*/options': 'test/e2e/sinks.test.ts',
  '/sinks/*/headers_env': 'test/docs.test.ts',
  '/sinks/*/invalid_text': 'test/e2e/sinks.test.ts',
  '/sinks/*/export': 'test/e2e/sinks.test.ts',
  '/dataset/job': 'test/e2e/chain.test.ts',
  '/dataset/group_by': 'test/e2e/chain.test.ts',
  '/dataset/select': 'test/e2e/chain.test.ts',
}
