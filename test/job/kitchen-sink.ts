import type {
  BatchYaml,
  BudgetYaml,
  DatasetYaml,
  DocumentYaml,
  HandlerYaml,
  JobSpec,
  OutputYaml,
  PriceYaml,
  ProviderYaml,
  RetryYaml,
  SinkYaml,
} from '../../src/job/spec.ts'

/**
 * Jobs that together use every key there is. `Required` makes the compiler ask for every key of the types; a test asks
 * for every key of the schema.
 */
const provider: Required<ProviderYaml> = {
  type: 'anthropic',
  base_url: 'https://gateway.example.com',
  api_key_env: 'TEAM_KEY',
  headers: { 'x-team': 'research' },
  betas: ['output-300k-2026-03-24'],
  version: '2023-06-01',
}
const dataset: Required<Pick<DatasetYaml, 'type' | 'key' | 'where' | 'limit' | 'sample' | 'matrix'>> & DatasetYaml = {
  type: 'csv',
  path: ['data/a.csv', 'data/b.csv.gz'],
  delimiter: ';',
  key: '{{id}}',
  where: 'size(text) > 0',
  limit: 1000,
  sample: { size: 100, seed: 7 },
  matrix: { language: ['English', 'French'] },
}
const fileDocument: Required<Omit<DocumentYaml, 'url' | 'text' | 'file_id'>> = {
  file: '{{file.path}}',
  title: '{{file.name}}',
  context: 'A report.',
  citations: true,
  cache: '1h',
  pages: '1-50',
  upload: 'files',
}
const moduleHandler: Required<Omit<HandlerYaml, 'command' | 'http'>> = {
  module: 'tools/glossary.mjs',
  export: 'lookup',
  timeout: '30s',
}
const output: Required<OutputYaml> = { schema: { type: 'object' }, mode: 'prompt', repair: 2 }
const sink: Required<Pick<SinkYaml, 'type' | 'select' | 'template'>> & SinkYaml = {
  type: 'files',
  select: 'all',
  template: '# {{output.title}}',
  path: 'out/{{key}}.md',
}
const batch: Required<BatchYaml> = {
  max_requests: 1000,
  max_bytes: '64MiB',
  max_in_flight: 4,
  poll: '30s..5m',
  custom_id: 'exact',
}
const retry: Required<RetryYaml> = { max_attempts: 5, truncated: { grow: 1.5, max_tokens: 8192 } }
const budget: Required<BudgetYaml> = { max_usd: 25, confirm_above_usd: 5 }
const price: Required<PriceYaml> = {
  input: 1,
  output: 5,
  cache_read: 0.1,
  cache_write_5m: 1.25,
  cache_write_1h: 2,
  up_to_prompt_tokens: 200_000,
  batch_factor: 0.5,
}

const everything: Required<Omit<JobSpec, 'messages'>> = {
  version: 1,
  name: 'everything',
  description: 'Every key there is.',
  vars: { language: 'English' },
  provider,
  model: 'claude-haiku-5-5',
  params: { max_tokens: 2048, output_config: { effort: 'low' } },
  dataset,
  documents: [
    fileDocument,
    { url: 'https://example.com/{{id}}.pdf' },
    { text: '{{body}}', citations: false },
    { file_id: '{{file_id}}' },
    { file: 'a.pdf', pages: 3, upload: 'inline', cache: '5m' },
  ],
  system: { template: 'templates/analyst.hbs', cache: '1h' },
  prompt: { text: 'Summarise it.', cache: '5m' },
  tools: [
    { name: 'lookup', description: 'Looks up.', input_schema: { type: 'object' }, handler: moduleHandler },
    { name: 'run', input_schema: { $ref: 'schemas/run.json' }, handler: { command: ['python3', 'run.py'] } },
    { name: 'call', input_schema: { type: 'object' }, handler: { http: 'http://127.0.0.1:8080/call' } },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
  ],
  max_rounds: 8,
  output,
  sinks: [
    sink,
    'out/all.jsonl',
    { type: 'jsonl', path: 'out/failed.jsonl', select: 'failed' },
    { type: 'csv', path: 'out/a.csv', columns: { title: 'output.title' }, select: 'succeeded' },
  ],
  on_rejected: 'skip',
  batch,
  retry,
  gate: { max_error_rate: 0.2 },
  reuse: true,
  budget,
  prices: { 'claude-haiku-5-5': price, 'claude-x': [price, { input: 2, output: 10 }] },
  store: 'redis://localhost:6379',
}

export const kitchenSink: readonly JobSpec[] = [
  everything,
  {
    model: 'm',
    provider: 'openai',
    dataset: 'data/reviews.csv',
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'Good food!' },
      { role: 'assistant', content: { text: 'positive', cache: '1h' } },
      {
        role: 'user',
        content: [{ template: 'templates/question.hbs', cache: '5m' }, 'And why?', { text: 'Now.', cache: '1h' }],
      },
      { role: 'user', content: { template: 'templates/question.hbs', cache: '5m' } },
    ],
    batch: { max_bytes: 1_000_000, custom_id: 'readable' },
    output: { schema: { type: 'object' }, mode: 'tool' },
    on_rejected: 'stop',
  },
  {
    model: 'm',
    dataset: { type: 'rows', rows: [] },
    system: { text: 'x', cache: '1h' },
    prompt: { template: 'a.hbs', cache: '1h' },
  },
  { model: 'm', dataset: { type: 'files', path: 'a/*.pdf' }, prompt: 'x', output: { schema: {}, mode: 'structured' } },
  { model: 'm', dataset: { type: 'jsonl', path: 'a.jsonl' }, prompt: 'x' },
]
