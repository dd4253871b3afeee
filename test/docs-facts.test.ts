// Numbers and names that stand on pages written by hand are those of the program.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/cli/commands.ts'
import { STATUSES } from '../src/core/result.ts'
import { CALL_NAMES } from '../src/emulator/state/calls.ts'
import { DEFAULTS } from '../src/job/defaults.ts'
import { errorKind } from '../src/provider/anthropic/error-kind.ts'
import { LIMITS } from '../src/provider/anthropic/limits.ts'
import { advice } from '../src/report/advice.ts'

const REPO = join(import.meta.dirname, '..')
const read = (path: string): Promise<string> => readFile(join(REPO, path), 'utf8')

describe('docs/errors.md', () => {
  let rows: ReadonlyMap<string, readonly string[]>
  beforeAll(async () => {
    rows = tableRows(await read('docs/errors.md'))
  })

  it('has every exit status that --help has, as the README does', async () => {
    const help = await read('test/golden/cli/help.txt')
    const epilogue = help.slice(help.indexOf('Exit status:'), help.indexOf('130  ') + 5)
    const statuses = [...epilogue.matchAll(/(?:^| {2})(\d+) {2,}/gm)].map(([, status]) => status ?? '')
    expect(statuses.sort()).toEqual(['0', '1', '130', '2', '3', '4', '5'])
    const inReadme = tableRows(await read('README.md'))
    for (const status of statuses) {
      expect([...rows.keys()]).toContain(status)
      expect([...inReadme.keys()]).toContain(status)
    }
  })

  it('has every status of a row', () => {
    expect([...rows.keys()].filter((name) => (STATUSES as readonly string[]).includes(name)).sort()).toEqual(
      [...STATUSES].sort(),
    )
  })

  it('has every class of failure, and says of each whether it is asked again, is the row’s own, or stops the run', async () => {
    const known = [
      ...keysIn(await read('src/provider/anthropic/error-kind.ts'), 'KINDS'),
      ...keysIn(await read('src/report/advice.ts'), 'BY_TYPE'),
    ]
    expect(known.length).toBeGreaterThan(12)
    const says = { transient: /^transient/, invalid: /^the row's own/, account: /^account: stops the run/ }
    for (const type of known) {
      const words = rows.get(type)?.[0]
      expect(words, type).toBeDefined()
      if (/_error$|^request_too_large$/.test(type)) expect(words).toMatch(says[errorKind(type, '', undefined)])
      expect(advice('errored', type, 'RUN')).not.toBe('')
    }
  })

  it('says how patient a run is', async () => {
    const page = await read('docs/errors.md')
    expect([constantIn(await read('src/run/collect.ts'), 'MAX_DOWNLOADS'), page]).toEqual([
      12,
      expect.stringContaining('downloaded again, twelve times'),
    ])
    const patience = [...(await read('src/app/connect.ts')).matchAll(/patienceMs: ([\d_]+)/g)].map(([, ms]) => ms)
    expect([patience, page]).toEqual([
      ['20_000', '3_600_000'],
      expect.stringContaining(
        'cannot be reached for an hour | yes, 1; with a provider on this machine after 20 seconds',
      ),
    ])
  })

  it('has every way in which a provider refuses a batch', async () => {
    const [, union = ''] = /export type Refusal = (.*)/.exec(await read('src/core/errors.ts')) ?? []
    const refusals = [...union.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '')
    expect(refusals).toContain('queue_full')
    const page = await read('docs/errors.md')
    for (const refusal of refusals) expect(page).toMatch(new RegExp(`\\(\`${refusal}\`[:)]`))
  })
})

describe('docs/limits.md', () => {
  /** The row's name on the page → a constant, by its file. */
  const CONSTANTS: Readonly<Record<string, readonly [file: string, name: string]>> = {
    'bytes of an image, in base64': ['prompt/document-limits.ts', 'MAX_IMAGE_BYTES'],
    'pixels on one side of an image': ['prompt/document-limits.ts', 'MAX_SIDE'],
    'bytes of a job file': ['job/content-problem.ts', 'MAX_TEXT_BYTES'],
    'nesting in a job file': ['job/content-problem.ts', 'MAX_DEPTH'],
    'values of a job file that may come from aliases': ['job/content-problem.ts', 'MAX_ALIASES'],
    'values of one key, such as `tools` or `sinks`': ['job/crowded.ts', 'MAX_NODES'],
    'values with a `${NAME}`': ['job/crowded.ts', 'MAX_VARIABLES'],
    'expressions of a template': ['prompt/rewrite.ts', 'MOST_EXPRESSIONS'],
    'bytes of a template': ['job/templates.ts', 'MAX_TEMPLATE_BYTES'],
    'what one template writes': ['prompt/template-error.ts', 'MAX_CHARACTERS'],
    'bytes of a record of CSV, or of a line of JSON Lines': ['source/csv.ts', 'MAX_RECORD_BYTES'],
    'bytes of a JSON file': ['source/json.ts', 'MAX_BYTES'],
    'length of a key': ['plan/rows.ts', 'MAX_KEY_LENGTH'],
    'combinations of `matrix`': ['plan/matrix.ts', 'MAX_COMBINATIONS'],
    'nesting of a row': ['plan/rows.ts', 'MAX_DEPTH'],
    'result of a tool': ['tool/result.ts', 'MAX_RESULT_BYTES'],
    'rejected rows that `plan --json` lists': ['app/plan-run.ts', 'MAX_REJECTED'],
  }
  const DAY_MS = 86_400_000

  it('has the numbers of the program', async () => {
    const rows = tableRows(await read('docs/limits.md'))
    const shown = (name: string): string => rows.get(name)?.[0] ?? ''
    const provider = {
      'requests in a batch': LIMITS.maxRequests,
      'bytes of a batch': LIMITS.maxBytes,
      'bytes of one request': LIMITS.maxRequestBytes,
      'bytes of an uploaded file': LIMITS.files?.maxBytes ?? Number.NaN,
      'results are kept': (LIMITS.resultsKeptMs ?? Number.NaN) / DAY_MS,
      '`custom_id`': LIMITS.customId.maxLength,
    }
    for (const [name, value] of Object.entries(provider)) expect(shown(name), name).toMatch(startsWith(value))
    for (const [name, [file, constant]] of Object.entries(CONSTANTS)) {
      expect(shown(name), name).toMatch(startsWith(constantIn(await read(`src/${file}`), constant)))
    }
    const documents = await read('src/prompt/document-limits.ts')
    const [side, many] = [constantIn(documents, 'MAX_SIDE_OF_MANY'), constantIn(documents, 'MANY_IMAGES')]
    expect(shown('pixels on one side of an image')).toContain(
      `with more than ${many} images in a request ${side.toLocaleString('en-US')}`,
    )
    const reader = await read('src/prompt/pdf-reader.ts')
    expect(shown('time to read one PDF')).toBe(`${constantIn(reader, 'TIMEOUT_MS') / 1000} seconds`)
    expect(rows.get('time to read one PDF')?.[1]).toContain(`${constantIn(reader, 'MEMORY_MB')} MB`)
    expect(constantIn(await read('src/source/jsonl.ts'), 'MAX_LINE_BYTES')).toBe(
      constantIn(await read('src/source/csv.ts'), 'MAX_RECORD_BYTES'),
    )
  })

  it('has the defaults of the program', async () => {
    const rows = tableRows(await read('docs/limits.md'))
    const { maxRequests, maxBytes, maxInFlight, poll } = DEFAULTS.batch
    const defaults = {
      'batch.max_requests': maxRequests,
      'batch.max_bytes': maxBytes,
      'batch.max_in_flight': maxInFlight,
      'batch.poll': poll,
      'retry.max_attempts': DEFAULTS.maxAttempts,
      'output.repair': DEFAULTS.repair,
      max_rounds: DEFAULTS.maxRounds,
      'gate.max_error_rate': DEFAULTS.maxErrorRate,
      'params.max_tokens': DEFAULTS.maxTokens,
    }
    for (const [key, value] of Object.entries(defaults)) {
      expect(rows.get(key)?.[0], key).toBe(typeof value === 'number' ? value.toLocaleString('en-US') : value)
    }
  })
})

describe('the commands', () => {
  it('each have an example that uses the command, with options that it has', () => {
    for (const { name, example, options, args } of COMMANDS) {
      expect(example, name).toMatch(new RegExp(`\\bbatchwright ${name}\\b`))
      const flags = [...example.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag)
      expect(options.map(({ long }) => long)).toEqual(expect.arrayContaining(flags))
      if (args?.startsWith('<')) expect(example.replaceAll(/ --.*/g, '').split(' ').length).toBeGreaterThan(2)
    }
  })

  it('are all in the README', async () => {
    const readme = await read('README.md')
    const nested = /`batches ([a-z|\\]+)`/.exec(readme)?.[1]?.replaceAll('\\', '').split('|') ?? []
    for (const { name } of COMMANDS) {
      const [first, second] = name.split(' ')
      if (second === undefined) expect(readme).toMatch(new RegExp(`\`${first}[ \`]`))
      else expect(nested).toContain(second)
    }
  })
})

describe('docs/emulator.md', () => {
  it('has every call that a fault can meet, and every option of the command', async () => {
    const page = await read('docs/emulator.md')
    const rows = tableRows(page)
    for (const name of CALL_NAMES) expect(rows.get('on')?.[0]).toContain(`\`${name}\``)
    const command = COMMANDS.find(({ name }) => name === 'emulator')
    for (const { long } of command?.options ?? []) expect(page).toContain(long)
  })
})

/** All rows of all tables: what the first cell names → the other cells. Several names may share a row. */
function tableRows(page: string): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, readonly string[]>()
  for (const line of page.split('\n').filter((text) => /^\|.*\|$/.test(text))) {
    const [first = '', ...rest] = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
    const names = [...first.matchAll(/`([\w.]+)`/g)].map(([, name]) => name ?? '')
    for (const name of [first, ...names]) if (!rows.has(name)) rows.set(name, rest)
  }
  return rows
}

function startsWith(value: number): RegExp {
  return new RegExp(`^${value.toLocaleString('en-US')}\\b`)
}

/** `const NAME = 64 * 1024 * 1024` */
function constantIn(source: string, name: string): number {
  const [, text = ''] = new RegExp(`\\bconst ${name} = ([\\d_ *]+)\\n`).exec(source) ?? []
  const factors = text.split('*').map((factor) => Number(factor.replaceAll('_', '').trim() || Number.NaN))
  return factors.reduce((product, factor) => product * factor, 1)
}

/** The keys of an object literal. */
function keysIn(source: string, name: string): string[] {
  const [, body = ''] = new RegExp(`const ${name}[^=]*= \\{\\n([\\s\\S]*?)\\n\\}\\n`).exec(source) ?? []
  return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, key]) => key ?? '')
}
