/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a job says about the environment is what is tested. */
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fillEnv } from '../../src/core/env-text.ts'
import { UserError } from '../../src/core/errors.ts'
import { load, problemsOf, project } from './project.ts'

const SMALL =
  'model: claude-haiku-5-5\ndataset: data/reviews.csv\nprompt: "Is it good? {{text}}"\nsinks: [out/a.jsonl]\n'

describe('the smallest job', () => {
  test('gets every default', async () => {
    const cwd = await project({ 'jobs/reviews.yaml': SMALL })
    const { job, warnings } = await load(cwd, 'jobs/reviews.yaml')
    expect(warnings).toEqual([])
    expect(job).toEqual({
      version: 1,
      name: 'reviews',
      root: cwd,
      file: 'jobs/reviews.yaml',
      vars: {},
      provider: { type: 'anthropic', headers: {}, betas: [] },
      model: 'claude-haiku-5-5',
      params: { max_tokens: 1024 },
      dataset: { type: 'csv', options: { path: 'data/reviews.csv' } },
      documents: [],
      messages: [
        {
          role: 'user',
          content: [{ text: { text: 'Is it good? {{text}}', file: 'jobs/reviews.yaml', line: 3, column: 10 } }],
        },
      ],
      partials: {},
      tools: [],
      maxRounds: 4,
      sinks: [{ type: 'jsonl', select: 'succeeded', options: { path: 'out/a.jsonl' } }],
      onRejected: 'stop',
      batch: {
        maxRequests: 10_000,
        maxBytes: 200_000_000,
        maxInFlight: 8,
        pollMinMs: 5000,
        pollMaxMs: 60_000,
        customId: 'readable',
      },
      retry: { maxAttempts: 3 },
      gate: { maxErrorRate: 0.5 },
      reuse: false,
      store: 'sqlite:.batchwright/state.db',
    })
  })

  test('is frozen at every depth, and plain JSON', async () => {
    const cwd = await project({ 'a.yaml': SMALL })
    const { job } = await load(cwd, 'a.yaml')
    expect(Object.isFrozen(job.batch) && Object.isFrozen(job.messages[0]?.content[0]?.text)).toBe(true)
    expect(JSON.parse(JSON.stringify(job))).toEqual(job)
  })

  test.each([
    ['jobs/Über uns (1).yaml', 'Uber-uns-1'],
    ['.yaml', 'yaml'],
    ['質問.yml', 'job'],
    ['a.b.yaml', 'a.b'],
  ])('%s is called %s', async (file, name) => {
    const cwd = await project({ [file]: SMALL })
    expect((await load(cwd, file)).job.name).toBe(name)
  })
})

describe('shorthands', () => {
  test.each([
    ['data/a.csv', 'csv'],
    ['data/a.CSV.gz', 'csv'],
    ['data/*.jsonl', 'jsonl'],
    ['docs/*.pdf', 'files'],
    ['scans/*.{png,jpg}', 'files'],
    ['notes/**', 'files'],
    ['notes/a.md', 'files'],
  ])('the dataset %s is of the type %s', async (path, type) => {
    const cwd = await project({ 'a.yaml': `model: m\ndataset: "${path}"\nprompt: x\n` })
    expect((await load(cwd, 'a.yaml')).job.dataset).toEqual({ type, options: { path } })
  })

  test('a sink that is a path may be a template', async () => {
    const cwd = await project({
      'a.yaml': 'model: m\ndataset: a.csv\nprompt: x\nsinks: ["out/{{key}}.md", out/b.csv.gz]\n',
    })
    expect((await load(cwd, 'a.yaml')).job.sinks.map(({ type }) => type)).toEqual(['files', 'csv'])
  })
})

describe('the root', () => {
  test.each(['package.json', '.git/HEAD', '.batchwright/state.db'])('is the nearest folder with a %s', async (mark) => {
    const cwd = await project({ [`sub/${mark}`]: '', 'sub/jobs/deep/a.yaml': SMALL })
    const { job } = await load(cwd, 'sub/jobs/deep/a.yaml')
    expect([job.root, job.file]).toEqual([join(cwd, 'sub'), 'jobs/deep/a.yaml'])
  })

  test('is what --root says', async () => {
    const cwd = await project({ 'sub/package.json': '{}', 'sub/a.yaml': SMALL })
    expect((await load(cwd, 'sub/a.yaml', { root: '.' })).job.root).toBe(cwd)
  })

  test('holds every file that the job names, links included', async () => {
    const cwd = await project({
      'outside/secret.hbs': 'x',
      'in/package.json': '{}',
      'in/a.yaml': 'model: m\ndataset: a.csv\nprompt: { template: t/link.hbs }\n',
    })
    await mkdir(join(cwd, 'in/t'))
    await symlink(join(cwd, 'outside/secret.hbs'), join(cwd, 'in/t/link.hbs'))
    const [problem] = await problemsOf(join(cwd, 'in'), 'a.yaml')
    expect(problem?.message).toMatch(/^t\/link.hbs leads outside the project root/)
  })
})

describe('texts', () => {
  test('an inline text knows where its first character stands', async () => {
    const job = [
      'model: m',
      'dataset: { type: csv, path: a.csv, key: "{{id}}" }',
      'system: |',
      '  You are',
      '  kind.',
      'messages:',
      "  - { role: user, content: 'quoted {{a}}' }",
      '  - role: assistant',
      '    content: plain',
      '  - role: user',
      '    content:',
      '      - text: >-  # folded',
      '',
      '          folded {{b}}',
      '      - "second"',
      '',
    ].join('\n')
    const cwd = await project({ 'a.yaml': job })
    const { messages, system, dataset } = (await load(cwd, 'a.yaml')).job
    const places = [dataset.key, system?.text, ...messages.flatMap(({ content }) => content.map(({ text }) => text))]
    expect(places.map((place) => `${place?.line}:${place?.column}`)).toEqual([
      '2:42',
      '4:3',
      '7:29',
      '9:14',
      '13:11',
      '15:10',
    ])
  })

  test('templates are read with every partial beside them, and a sink may have a file or a text', async () => {
    const cwd = await project({
      'a.yaml':
        'model: m\ndataset: a.csv\nprompt: { template: t/ask.hbs, cache: 5m }\nsinks:\n  - { type: files, path: "o/{{key}}.md", template: s/out.md.hbs }\n  - { type: files, path: "p/{{key}}.md", template: "# {{key}}" }\n',
      't/ask.hbs': '{{> head}} ask',
      't/head.hbs': 'Head',
      't/notes.txt': 'no partial',
      's/out.md.hbs': '{{output}}',
    })
    const { job } = await load(cwd, 'a.yaml')
    expect(job.messages[0]?.content).toEqual([
      { text: { text: '{{> head}} ask', file: 't/ask.hbs', line: 1, column: 1 }, cache: '5m' },
    ])
    expect(Object.keys(job.partials).sort()).toEqual(['ask', 'head', 'out.md'])
    expect(job.sinks.map(({ template, options }) => [template?.file, template?.text, options])).toEqual([
      ['s/out.md.hbs', '{{output}}', { path: 'o/{{key}}.md' }],
      ['a.yaml', '# {{key}}', { path: 'p/{{key}}.md' }],
    ])
  })

  test('two partials of one name in two folders are no mistake while nobody uses them', async () => {
    const cwd = await project({
      'a.yaml': 'model: m\ndataset: a.csv\nsystem: { template: a/x.hbs }\nprompt: { template: b/y.hbs }\n',
      'a/x.hbs': 'x',
      'a/head.hbs': '1',
      'b/y.hbs': 'y',
      'b/head.hbs': '2',
    })
    expect(Object.keys((await load(cwd, 'a.yaml')).job.partials).sort()).toEqual(['x', 'y'])
  })
})

describe('the environment', () => {
  test('is put into strings, but not into templates, and a default stands in', async () => {
    const cwd = await project({
      'a.yaml':
        'model: "${MODEL:-claude-haiku-5-5}"\nname: job-${TEAM}\ndescription: costs $${TEAM}\ndataset: data/${TEAM}.csv\nprompt: "literal ${TEAM}"\nvars: { team: "${TEAM}", nobody: "${NONE:-}" }\n',
    })
    const { job } = await load(cwd, 'a.yaml', { env: { TEAM: 'red' } })
    expect(job).toMatchObject({
      model: 'claude-haiku-5-5',
      name: 'job-red',
      description: 'costs ${TEAM}',
      dataset: { options: { path: 'data/red.csv' } },
      vars: { team: 'red', nobody: '' },
    })
    expect(job.messages[0]?.content[0]?.text.text).toBe('literal ${TEAM}')
  })

  test('stays out of the job where it may be a secret: store, headers, URLs of handlers', async () => {
    const cwd = await project({
      'a.yaml': `${SMALL}store: "redis://:\${PASSWORD}@db"\nprovider: { type: anthropic, headers: { x/token: "Bearer \${TOKEN}" } }\ntools: [{ name: t, input_schema: { type: object }, handler: { http: "https://x/?k=\${TOKEN}" } }]\n`,
    })
    const env = { PASSWORD: 'hunter2', TOKEN: 'hunter3' }
    const { job } = await load(cwd, 'a.yaml', { env })
    expect(JSON.stringify(job)).not.toContain('hunter')
    expect(fillEnv(job.store, env).text).toBe('redis://:hunter2@db')
    expect(job.provider.headers).toEqual({ 'x/token': 'Bearer ${TOKEN}' })
    expect(job.tools[0]).toMatchObject({ handler: { type: 'http', url: 'https://x/?k=${TOKEN}' } })
  })

  test('is not printed by any rule: what was written is shown instead of it', async () => {
    const cwd = await project({
      'a.yaml':
        `${SMALL}batch: { poll: "\${A}" }\ndescription: "\${B}"\nmax_rounds: "\${B}"\nvars: { x: "\${B}" }\n`.replace(
          'out/a.jsonl',
          '"${C}", "${C}", "${B}"',
        ),
    })
    const env = { A: '3600.5s..1s', B: 'hunter2-hunter2', C: 'out/hunter2-c.jsonl' }
    const problems = await problemsOf(cwd, 'a.yaml', { env })
    expect(problems.map(({ message }) => message)).toEqual([
      'sinks[1] would overwrite "${C}", which sinks[0] writes.',
      expect.stringContaining('"${B}" has no extension'),
      'batch.poll must go from the shorter to the longer time; it is "${A}".',
      'max_rounds must be a whole number; it is "${B}".',
    ])
    expect(JSON.stringify(problems)).not.toContain('hunter')
  })

  test('may give a number or a switch where one is wanted', async () => {
    const cwd = await project({ 'a.yaml': `${SMALL}batch: { max_requests: "\${N}" }\nreuse: \${REUSE}\nname: \${N}\n` })
    const { job } = await load(cwd, 'a.yaml', { env: { N: '20', REUSE: 'true' } })
    expect([job.batch.maxRequests, job.reuse, job.name]).toEqual([20, true, '20'])
  })

  test('need not have what only the provider would use, when the run is local', async () => {
    const cwd = await project({ 'a.yaml': `${SMALL}provider: { type: anthropic, headers: { x: "\${TOKEN}" } }\n` })
    expect((await problemsOf(cwd, 'a.yaml'))[0]?.message).toBe('The environment variable TOKEN is not set.')
    await expect(load(cwd, 'a.yaml', { local: true })).resolves.toBeDefined()
  })
})

describe('the command line', () => {
  test('--set changes any key, makes mappings on the way, and reaches into what a shorthand stands for', async () => {
    const cwd = await project({ 'a.yaml': SMALL })
    const set = [
      'batch.max_requests=5',
      'dataset.limit=3',
      'provider.base_url=http://127.0.0.1:1',
      'sinks[0].select=all',
      'sinks.1=out/b.csv',
      'prompt=Is it {{bad}}?',
      'name=2024',
      'params={max_tokens: 7}',
    ]
    const { job } = await load(cwd, 'a.yaml', { set })
    expect(job).toMatchObject({
      name: '2024',
      batch: { maxRequests: 5 },
      dataset: { type: 'csv', limit: 3, options: { path: 'data/reviews.csv' } },
      provider: { type: 'anthropic', baseUrl: 'http://127.0.0.1:1' },
      sinks: [{ select: 'all' }, { type: 'csv', options: { path: 'out/b.csv' } }],
      params: { max_tokens: 7 },
    })
    expect(job.messages[0]?.content[0]?.text).toEqual({
      text: 'Is it {{bad}}?',
      file: '--set prompt=Is it {{bad}}?',
      line: 1,
      column: 1,
    })
  })

  test('--limit and --store go before the job', async () => {
    const cwd = await project({ 'a.yaml': `${SMALL}store: "memory:"\n` })
    const { job } = await load(cwd, 'a.yaml', { limit: 2, store: 'sqlite:x.db' })
    expect([job.dataset.limit, job.store]).toEqual([2, 'sqlite:x.db'])
  })

  test('--var overrides a var in its own type, and may give one that only a template names', async () => {
    const cwd = await project({
      'a.yaml':
        'model: m\ndataset: a.csv\nprompt: "{{vars.year}} {{vars.topic}}"\nvars: { year: 1999, loud: false, name: A }\n',
    })
    const { job } = await load(cwd, 'a.yaml', { vars: { year: '2024', loud: 'true', name: '5', topic: 'tea' } })
    expect(job.vars).toEqual({ year: 2024, loud: true, name: '5', topic: 'tea' })
  })
})

test('every key of the policies is counted in its unit', async () => {
  const cwd = await project({
    'a.yaml': `${SMALL}batch: { max_requests: 5, max_bytes: 1.5MiB, max_in_flight: 2, poll: 500ms..2m, custom_id: exact }\nretry: { max_attempts: 5, truncated: { max_tokens: 8192 } }\ngate: { max_error_rate: 1 }\nbudget: { max_usd: 2.5, confirm_above_usd: 1 }\non_rejected: skip\n`,
  })
  expect((await load(cwd, 'a.yaml')).job).toMatchObject({
    batch: {
      maxRequests: 5,
      maxBytes: 1_572_864,
      maxInFlight: 2,
      pollMinMs: 500,
      pollMaxMs: 120_000,
      customId: 'exact',
    },
    retry: { maxAttempts: 5, truncated: { grow: 2, maxTokens: 8192 } },
    gate: { maxErrorRate: 1 },
    budget: { maxUsd: 2.5, confirmAboveUsd: 1 },
    onRejected: 'skip',
  })
})

test('tools, documents and output are resolved', async () => {
  const cwd = await project({
    'a.yaml': [
      SMALL,
      'documents:',
      '  - { file: "{{f}}", pages: 1-3, 5, upload: files, cache: 1h }',
      '  - { file_id: "{{id}}", title: T, context: C, citations: true }',
      'tools:',
      '  - { name: a, input_schema: { type: object }, handler: { command: [python3, a.py], timeout: 1.5s } }',
      '  - { type: web_search_20250305, name: web_search, max_uses: 3 }',
      'output: { schema: { type: object }, mode: prompt, repair: 0 }',
      'max_rounds: 2',
    ]
      .join('\n')
      .replace('1-3, 5', '"1-3, 5"'),
  })
  const { job } = await load(cwd, 'a.yaml')
  expect(job.documents.map(({ file, fileId, ...rest }) => [file?.text, fileId?.text, rest])).toMatchObject([
    ['{{f}}', undefined, { pages: '1-3,5', upload: 'files', cache: '1h', citations: false, path: '/documents/0' }],
    [undefined, '{{id}}', { title: { text: 'T' }, context: { text: 'C' }, citations: true, upload: 'inline' }],
  ])
  expect(job.tools).toEqual([
    {
      type: 'client',
      name: 'a',
      inputSchema: { type: 'object' },
      handler: { type: 'command', command: ['python3', 'a.py'], timeoutMs: 1500 },
    },
    {
      type: 'server',
      name: 'web_search',
      definition: { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    },
  ])
  expect(job.output).toEqual({ schema: { type: 'object' }, mode: 'prompt', repair: 0 })
  expect(job.maxRounds).toBe(2)
})

test('merge keys and aliases are YAML like any other', async () => {
  const cwd = await project({
    'a.yaml': `model: m\ndataset: a.csv\nprompt: x\nvars: { base: &base { a: 1, b: 2 }, more: { <<: *base, b: 3 } }\n`,
  })
  expect((await load(cwd, 'a.yaml')).job.vars).toEqual({ base: { a: 1, b: 2 }, more: { a: 1, b: 3 } })
})

test('a byte order mark and Windows line ends change nothing', async () => {
  const cwd = await project({ 'a.yaml': `\ufeff${SMALL.replaceAll('\n', '\r\n')}` })
  expect((await load(cwd, 'a.yaml')).job.sinks[0]?.options).toEqual({ path: 'out/a.jsonl' })
  const broken = await project({ 'a.yaml': `\ufeff${SMALL}batch: 5\n`.replaceAll('\n', '\r\n') })
  expect((await problemsOf(broken, 'a.yaml'))[0]).toMatchObject({ line: 5, column: 8, excerpt: 'batch: 5' })
})

test('a job without sinks is loaded with a warning that has its place', async () => {
  const cwd = await project({ 'a.yaml': 'model: m\ndataset: a.csv\nprompt: x\nstore: "memory:"\n' })
  const { warnings } = await load(cwd, 'a.yaml')
  expect(warnings).toMatchObject([
    { file: 'a.yaml', path: '/sinks', line: 1 },
    { file: 'a.yaml', path: '/store', line: 4, column: 8 },
  ])
})

test('problems that others find in the job are given their place', async () => {
  const cwd = await project({ 'jobs/a.yaml': SMALL })
  const { place, job } = await load(cwd, 'jobs/a.yaml')
  expect(
    place([
      { message: 'The model is retired.', path: '/model' },
      { message: 'No such file.', path: '/dataset/path', file: job.file },
      { message: 'Elsewhere.', file: 'data/reviews.csv', line: 7 },
    ]),
  ).toMatchObject([
    { path: '/model', file: 'jobs/a.yaml', line: 1, column: 8, excerpt: 'model: claude-haiku-5-5' },
    { path: '/dataset/path', file: 'jobs/a.yaml', line: 2, column: 10 },
    { message: 'Elsewhere.', file: 'data/reviews.csv', line: 7 },
  ])
})

test('templates are checked together with everything else, wherever they stand', async () => {
  const cwd = await project({
    'in/package.json': '{}',
    'in/a.yaml':
      'modle: m\ndataset: { type: csv, path: a.csv, key: "{{#if" }\nprompt: { template: t/a.hbs }\nsystem: "{{b"\n',
    'in/t/a.hbs': 'ok\n{{broken',
  })
  const seen: string[] = []
  const problems = await problemsOf(cwd, 'in/a.yaml', {
    checkTemplate: ({ text, file, line, column }, partials) => {
      seen.push(text)
      expect(Object.keys(partials)).toEqual(['a'])
      return [{ message: `Broken: ${text}`, file, line, column }]
    },
  })
  expect(seen.sort()).toEqual(['ok\n{{broken', '{{#if', '{{b'])
  expect(problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
    'in/a.yaml:1:1',
    'in/a.yaml:2:42',
    'in/a.yaml:4:10',
    'in/t/a.hbs:1:1',
  ])
})

describe('a file that is no job', () => {
  test.each([
    ['jobs/sumary.yaml', 'jobs/sumary.yaml does not exist.', 'Did you mean jobs/summary.yaml?'],
    ['jobs', 'jobs is a folder, not a file.', undefined],
    ['binary.yaml', 'binary.yaml is not text in UTF-8.', 'Save it with the encoding UTF-8.'],
    [
      'huge.yaml',
      'This file is larger than 1 MB, which is more than a job can be.',
      expect.stringContaining('dataset'),
    ],
  ])('%s: %s', async (file, message, hint) => {
    const cwd = await project({
      'jobs/summary.yaml': SMALL,
      'binary.yaml': Uint8Array.of(0xff, 0xfe, 0x00),
      'huge.yaml': `# ${'x'.repeat(10_000_000)}`,
    })
    const [problem] = await problemsOf(cwd, file)
    expect(problem).toMatchObject({ file, message, ...(hint === undefined ? {} : { hint }) })
  })
})

test('what is wrong with the program itself is not dressed up as a problem of the job', async () => {
  const cwd = await project({ 'a.yaml': SMALL })
  const broken = {
    env: new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error('ours')
        },
      },
    ),
  }
  await project({})
  await expect(load(cwd, 'a.yaml', broken).catch((error) => error instanceof UserError)).resolves.not.toBe(true)
})

describe('a job that holds too much', () => {
  const many = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('')

  test.each([
    [
      'thousands of unknown fields are one problem that counts them',
      SMALL + many(3000, (index) => `key${index}: 1`),
      [{ message: '3,000 fields of this job are unknown; the first of them is "key0".', line: 5 }],
    ],
    [
      'so are thousands of environment variables',
      `${SMALL}params:\n${many(3000, (index) => `  p${index}: \${NOPE_${index}}`)}`,
      [{ message: /^3,000 values name an environment variable; a job may have 500 of them\./, line: 6 }],
    ],
    [
      'after fifty unknown fields the rest are counted',
      SMALL + many(80, (index) => `key${index}: 1`),
      [
        ...Array.from({ length: 49 }, (_, index) => ({ line: 5 + index })),
        { message: /30 more like this are not listed/ },
      ],
    ],
    [
      'after two hundred problems the rest are counted',
      `${SMALL}params:\n${many(300, (index) => `  p${index}: \${NOPE_${index}}`)}`,
      [
        ...Array.from({ length: 200 }, (_, index) => ({ line: 6 + index })),
        { message: /^100 more problems of this job/ },
      ],
    ],
  ])('%s', async (_, text, expected) => {
    const cwd = await project({ 'jobs/a.yaml': text })
    const problems = await problemsOf(cwd, 'jobs/a.yaml')
    expect(problems).toHaveLength(expected.length)
    expect(problems).toMatchObject(
      expected.map((problem) => ({
        ...problem,
        ...('message' in problem ? { message: expect.stringMatching(problem.message) } : {}),
      })),
    )
  })
})
