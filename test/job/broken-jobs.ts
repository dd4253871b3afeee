import type { Given } from './project.ts'

/** A job that somebody could have written, with the mistake that its name says. */
export interface BrokenJob {
  readonly name: string
  /** The text of job.yaml. */
  readonly job: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly given?: Given
}

const REST = 'dataset: data/reviews.csv\nprompt: "Is this positive? {{text}}"\nsinks: [out/sentiment.jsonl]\n'
const SMALL = `model: claude-haiku-5-5\n${REST}`

export const BROKEN_JOBS: readonly BrokenJob[] = [
  { name: 'unknown-key', job: `modle: claude-haiku-5-5\n${REST}` },
  { name: 'unknown-key-camel-case', job: `${SMALL}batch:\n  maxRequests: 100\n` },
  { name: 'unknown-key-without-a-near-one', job: `${SMALL}retry: { backoff: 5 }\n` },
  { name: 'key-at-the-wrong-level', job: `${SMALL}max_tokens: 100\n` },
  { name: 'api-key-in-the-job', job: `${SMALL}provider: { type: anthropic, api_key: sk-ant-api03-abcdefghijkl }\n` },
  { name: 'nothing-but-a-name', job: 'name: x\n' },
  { name: 'empty-file', job: '' },
  { name: 'a-list', job: '- a\n- b\n' },
  { name: 'duplicate-key', job: `${SMALL}model: claude-opus-5-5\n` },
  { name: 'unquoted-template', job: 'model: m\ndataset: a.csv\nprompt: {{text}}\n' },
  { name: 'unquoted-template-with-more', job: 'model: m\ndataset: a.csv\nprompt: {{text}} is it good?\n' },
  { name: 'tab-indentation', job: 'model: m\ndataset:\n\ttype: csv\n' },
  { name: 'two-documents', job: `${SMALL}---\nmodel: m\n` },
  { name: 'unknown-tag', job: `${SMALL}name: !!js/function x\n` },
  { name: 'unclosed-bracket', job: 'model: m\nsinks: [out/a.jsonl\nprompt: x\n' },
  { name: 'unclosed-mapping-in-a-list', job: 'model: m\nsinks: [a.jsonl, {type: csv, path: x]\nprompt: x\n' },
  { name: 'many-brackets-not-closed', job: `model: m\n${'  : [ } x\n'.repeat(20)}` },
  { name: 'hundreds-of-unknown-keys', job: SMALL + Array.from({ length: 500 }, (_, n) => `key${n}: 1\n`).join('') },
  { name: 'unclosed-quote', job: 'model: "m\ndataset: a.csv\n' },
  { name: 'second-colon', job: 'model: m\nprompt: Answer this: yes or no?\n' },
  { name: 'bad-indentation', job: 'model: m\nbatch:\n  max_requests: 5\n max_in_flight: 2\n' },
  { name: 'missing-colon', job: 'model: m\nprompt\ndataset: a.csv\n' },
  { name: 'reserved-character', job: 'model: m\nprompt: @file\n' },
  { name: 'unknown-alias', job: 'model: m\nprompt: *Note* this\n' },
  { name: 'variable-without-quotes', job: `${SMALL}batch: { max_requests: \${N} }\n` },
  { name: 'number-too-long', job: `${SMALL}vars: { id: 12345678901234567890 }\n` },
  { name: 'prototype-key', job: `${SMALL}vars: { __proto__: { admin: true } }\n` },
  { name: 'alias-bomb', job: bomb() },
  { name: 'wrong-types', job: `${SMALL}batch: { max_requests: many, max_in_flight: 0 }\nreuse: maybe\n` },
  { name: 'wrong-units', job: `${SMALL}batch: { max_bytes: 200 Megs, poll: every minute }\n` },
  { name: 'poll-backwards', job: `${SMALL}batch: { poll: 60s..5s }\n` },
  { name: 'empty-value', job: 'model:\ndataset: a.csv\nprompt: x\n' },
  { name: 'version-2', job: `version: 2\n${SMALL}` },
  { name: 'bad-name', job: `name: my job!\n${SMALL}` },
  { name: 'prompt-and-messages', job: `${SMALL}messages: [{ role: user, content: x }]\n` },
  { name: 'no-prompt', job: 'model: m\ndataset: a.csv\n' },
  { name: 'misspelt-prompt', job: 'model: m\ndataset: a.csv\npromt: x\n' },
  { name: 'messages-without-user', job: 'model: m\ndataset: a.csv\nmessages: [{ role: assistant, content: x }]\n' },
  { name: 'unknown-role', job: 'model: m\ndataset: a.csv\nmessages:\n  - role: users\n    content: x\n' },
  { name: 'unknown-provider', job: `provider: antropic\n${SMALL}` },
  { name: 'unknown-dataset-type', job: 'model: m\ndataset: { type: cvs, path: a.csv }\nprompt: x\n' },
  { name: 'dataset-without-type', job: 'model: m\ndataset: { path: data/a.csv, limit: 5 }\nprompt: x\n' },
  { name: 'dataset-unknown-extension', job: 'model: m\ndataset: data/a.xlsx\nprompt: x\n' },
  {
    name: 'dataset-option-of-another-type',
    job: 'model: m\ndataset: { type: jsonl, path: a.jsonl, delimiter: ";" }\nprompt: x\n',
  },
  { name: 'dataset-is-a-number', job: 'model: m\ndataset: 5\nprompt: x\n' },
  {
    name: 'matrix-with-a-taken-name',
    job: 'model: m\ndataset: { type: csv, path: a.csv, matrix: { vars: [1], n: 2 } }\nprompt: x\n',
  },
  {
    name: 'where-is-no-expression',
    job: 'model: m\ndataset:\n  type: csv\n  path: a.csv\n  where: size > 3 and ok\nprompt: x\n',
  },
  { name: 'sink-unknown-extension', job: 'model: m\ndataset: a.csv\nprompt: x\nsinks: [out/a.jsnl, out/b]\n' },
  {
    name: 'sink-misspelt-select',
    job: 'model: m\ndataset: a.csv\nprompt: x\nsinks:\n  - { type: jsonl, path: a.jsonl, select: fail }\n',
  },
  {
    name: 'sinks-that-overwrite',
    job: 'model: m\ndataset: a.csv\nprompt: x\nsinks: [out/a.jsonl, out/a.jsonl, a.csv]\n',
  },
  {
    name: 'sink-options-checked',
    job: 'model: m\ndataset: a.csv\nprompt: x\nsinks:\n  - { type: csv, path: b.csv, columns: { t: title } }\n',
  },
  {
    name: 'document-of-two-kinds',
    job: `${SMALL}documents:\n  - { file: a.pdf, url: "https://x" }\n  - { title: T }\n  - { url: "{{u}}", pages: 1-2 }\n`,
  },
  { name: 'document-pages', job: `${SMALL}documents: [{ file: a.pdf, pages: all }]\n` },
  {
    name: 'citations-with-structured-output',
    job: `${SMALL}documents: [{ file: a.pdf, citations: true }]\noutput: { schema: { type: object } }\n`,
  },
  {
    name: 'tools',
    job: `${SMALL}tools:\n  - { name: look up, input_schema: { type: object } }\n  - { name: a, input_schema: { type: object }, handler: { module: a.mjs, http: "http://x" } }\n  - { type: web_search_20250305, name: a, handler: { command: [x] } }\n  - { name: b }\n`,
    files: { 'a.mjs': '' },
  },
  {
    name: 'missing-handler',
    job: `${SMALL}tools:\n  - name: a\n    input_schema: { type: object }\n    handler: { module: tools/glosary.mjs }\n`,
    files: { 'tools/glossary.mjs': '' },
  },
  { name: 'params-that-are-keys', job: `${SMALL}params: { stream: true, system: x }\n` },
  {
    name: 'no-room-to-grow',
    job: `${SMALL}params: { max_tokens: 8192 }\nretry: { truncated: { max_tokens: 4096 } }\n`,
  },
  {
    name: 'missing-template',
    job: 'model: m\ndataset: a.csv\nprompt: { template: templates/sumarize.hbs }\n',
    files: { 'templates/summarize.hbs': 'x' },
  },
  {
    name: 'missing-template-folder',
    job: 'model: m\ndataset: a.csv\nprompt: { template: template/summarize.hbs }\n',
    files: { 'templates/summarize.hbs': 'x' },
  },
  { name: 'template-outside-the-root', job: 'model: m\ndataset: a.csv\nprompt: { template: ../../etc/passwd }\n' },
  {
    name: 'template-not-utf8',
    job: 'model: m\ndataset: a.csv\nprompt: { template: a.hbs }\n',
    files: { 'a.hbs': Uint8Array.of(0x48, 0xe9, 0xff) },
  },
  {
    name: 'template-is-a-folder',
    job: 'model: m\ndataset: a.csv\nsystem: { template: templates }\nprompt: x\n',
    files: { 'templates/a.hbs': 'x' },
  },
  { name: 'template-key-misspelt', job: 'model: m\ndataset: a.csv\nprompt: { tempalte: a.hbs }\n' },
  {
    name: 'partial-in-two-folders',
    job: 'model: m\ndataset: a.csv\nsystem: { template: a/x.hbs }\nprompt: { template: b/y.hbs }\n',
    files: { 'a/x.hbs': '{{> head}}', 'a/head.hbs': '1', 'b/y.hbs': 'y', 'b/head.hbs': '2' },
  },
  {
    name: 'missing-schema',
    job: `${SMALL}output: { schema: { $ref: schemas/sumary.json } }\n`,
    files: { 'schemas/summary.json': '{}' },
  },
  {
    name: 'schema-broken-json',
    job: `${SMALL}output: { schema: { $ref: s.json } }\n`,
    files: { 's.json': '{\n  "type": "object",\n}\n' },
  },
  {
    name: 'schema-does-not-compile',
    job: `${SMALL}output: { schema: { $ref: s.json } }\n`,
    files: {
      's.json': '{\n\t"type": "object",\n\t"properties": { "a": { "type": "strnig" } },\n\t"required": "a"\n}\n',
    },
  },
  {
    name: 'schema-inline-does-not-compile',
    job: `${SMALL}output:\n  schema:\n    type: object\n    properties: { a: { type: text } }\n`,
  },
  {
    name: 'schema-broken-references',
    job: `${SMALL}output: { schema: { $ref: s.json } }\n`,
    files: {
      's.json':
        '{\n  "properties": {\n    "a": { "$ref": "other.json" },\n    "b": { "$ref": "#/$defs/c" },\n    "c": { "$ref": "https://example.com/s.json" },\n    "d": { "$ref": "t.json#/nope" }\n  }\n}\n',
      't.json': '{}',
    },
  },
  { name: 'tool-schema-of-no-object', job: `${SMALL}tools: [{ name: a, input_schema: { type: string } }]\n` },
  {
    name: 'missing-environment',
    job: `${SMALL}description: \${TEAM} by \${OWNER:-nobody}\nstore: "redis://:\${REDIS_PASSWORD}@localhost"\n`,
  },
  {
    name: 'secret-not-shown',
    job: `${SMALL}store: \${STORE}\nprovider: { type: "\${WHO}" }\n`,
    given: { env: { STORE: 'mysql://root:hunter2@db', WHO: 'hunter3' } },
  },
  {
    name: 'set-wrong',
    job: SMALL,
    given: { set: ['batch.max_requests=many', 'bacth.poll=5s', 'nonsense', 'model.x=1'] },
  },
  { name: 'limit-without-a-type', job: 'model: m\ndataset: a.xlsx\nprompt: x\n', given: { limit: 3 } },
  {
    name: 'content-of-the-wrong-kind',
    job: 'model: m\ndataset: a.csv\nmessages:\n  - role: user\n    content: [a, 5, { txt: b }]\n  - { role: user, content: 7 }\n',
  },
  {
    name: 'text-of-two-kinds',
    job: 'model: m\ndataset: a.csv\nprompt: { template: a.hbs, text: x }\nsystem: { cache: 1h }\n',
    files: { 'a.hbs': 'x' },
  },
  { name: 'set-without-a-way', job: SMALL, given: { set: ['model.name=x'] } },
  { name: 'set-without-a-value', job: SMALL, given: { set: ['model'] } },
  { name: 'limit-wrong', job: SMALL, given: { limit: 0 } },
  { name: 'var-misspelt', job: `${SMALL}vars: { language: English }\n`, given: { vars: { langauge: 'German' } } },
  {
    name: 'many-at-once',
    job: 'modle: claude-haiku-5-5\ndataset: a.cvs\nprompt: { template: nope.hbs }\nbatch:\n  max_requests: -1\noutput: { schema: { $ref: s.json } }\n',
    files: { 's.json': '[1, 2' },
  },
  { name: 'control-characters', job: `${SMALL}"na\\u001b[31mme": x\n"b\u202Ead": 1\n` },
  { name: 'merged-mapping', job: `x-base: &base\n  max_requests: none\n${SMALL}batch:\n  <<: *base\n` },
  {
    name: 'long-line',
    job: `${SMALL}description: "${'word '.repeat(60)}"\nvars: { text: "${'x'.repeat(150)}", n: 1, n: 2, tail: "${'y'.repeat(150)}" }\n`,
  },
]

function bomb(): string {
  const names = 'abcdefgh'
  const lines = [...names]
    .slice(1)
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${names[index]}`).join(', ')}]`)
  return `a: &a [x, x, x, x, x, x, x, x, x]\n${lines.join('\n')}\n`
}
