// The house checks itself: who may import whom, through which door each package comes in, which rooms have no windows.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

interface SourceFile {
  /** `run/perform.ts` */
  readonly path: string
  readonly room: string
  readonly text: string
  readonly imports: readonly string[]
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path): SourceFile => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [
      ...text.matchAll(
        /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
      ),
    ]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      .filter((name) => name !== '')
    return { path, room: roomOf(path), text, imports }
  })

/** Rooms are the folders of src; the files beside them are rooms of their own. */
function roomOf(path: string): string {
  return path.split('/')[0] as string
}

/** What each room may import of ours besides its own files. A name with a slash is one file of a room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  disk: ['core'],
  job: ['core', 'disk'],
  source: ['core', 'disk'],
  provider: ['core', 'disk'],
  checkpoint: ['core', 'disk'],
  artifact: ['core', 'disk'],
  sink: ['core', 'disk'],
  emulator: ['core', 'disk'],
  tool: ['core', 'disk'],
  prompt: ['core', 'disk', 'provider/provider.ts'],
  plan: ['core', 'disk', 'prompt', 'provider/provider.ts', 'artifact/artifact.ts'],
  run: [
    'core',
    'disk',
    'prompt',
    'provider/provider.ts',
    'checkpoint/checkpoint.ts',
    'artifact/artifact.ts',
    'sink/sink.ts',
    'tool/tool.ts',
  ],
  report: ['core', 'disk'],
  // Both show runs to people in a browser: the local page uses the report's charts and its style.
  ui: ['core', 'disk', 'report'],
  // Through `app/jobs.ts` comes only what checking jobs takes, so that it starts fast.
  cli: ['core', 'app.ts', 'app/jobs.ts'],
  'cli.ts': ['cli'],
}
/** Where the rooms meet. */
const MAY_IMPORT_ALL = new Set(['app', 'app.ts', 'index.ts', 'catalog.ts'])

/** One door for each package: the only file (or folder) that may import it. */
const DOORS: Readonly<Record<string, string>> = {
  '@anthropic-ai/sdk': 'provider/anthropic/',
  '@duckdb/node-api': 'source/sql',
  '@hono/node-server': 'emulator/',
  '@keyv/postgres': 'checkpoint/postgres.ts',
  '@keyv/redis': 'checkpoint/redis.ts',
  '@marcbachmann/cel-js': 'core/expression.ts',
  ajv: 'core/ajv.ts',
  'ajv-formats': 'core/ajv.ts',
  commander: 'cli/(program|command|commands|options).ts',
  'csv-parse': 'source/csv',
  'file-type': 'prompt/document-kind.ts',
  fzstd: 'source/zstd.ts',
  handlebars: 'prompt/template',
  hono: 'emulator/',
  hyparquet: 'source/hyparquet.ts',
  'hyparquet-compressors': 'source/hyparquet.ts',
  'hyparquet-writer': 'sink/parquet',
  keyv: 'checkpoint/keyv.ts',
  libsql: 'disk/sqlite.ts',
  'p-limit': 'run/',
  'pdf-lib': 'prompt/cut-pdf.ts',
  pg: '(checkpoint|sink)/postgres',
  unpdf: 'core/pdf.ts',
  yaml: 'job/parse.ts',
}

/** What is started as a process of its own: the command line, and what runs the user's handlers apart from us. */
const PROGRAMS = ['cli.ts', 'tool/module-child.ts']

/** Files that decide and never do: no clock, no randomness, no I/O, no process. */
const PURE = [
  /^core\/(?!env-text)/,
  /^prompt\/(template.*|plain-template|helpers|shapes|sentinel|rewrite|scope)\.ts$/,
  /^plan\/(pack|estimate)\.ts$/,
  /^job\/(parse|validate|schema.*|rules|units)\.ts$/,
  /^run\/(machine|schedule|settle|summary|look|tally|carried|answer-json|assistant-turn|check-output|repair|backoff)\.ts$/,
  /^provider\/anthropic\/(encode|decode|amend|check|cost|models|limits)\.ts$/,
]
const WINDOWS = [
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bMath\.random\(/,
  /\bperformance\.now\(/,
  /\bsetTimeout\(/,
  /\bfetch\(/,
  /from 'node:(fs|fs\/promises|http|https|net|child_process|worker_threads|os|timers)'/,
]

describe('the house', () => {
  it('lets a room import only what stands below it', () => {
    const broken: string[] = []
    for (const file of files) {
      if (MAY_IMPORT_ALL.has(file.room)) continue
      const allowed = MAY_IMPORT[file.room]
      if (allowed === undefined) {
        broken.push(`${file.path}: the room "${file.room}" is not in the table`)
        continue
      }
      for (const name of file.imports.filter((each) => each.startsWith('.'))) {
        const target = relative(SRC, join(SRC, dirname(file.path), name))
        const room = roomOf(target)
        if (room === file.room || allowed.includes(room) || allowed.includes(target)) continue
        broken.push(`${file.path} imports ${target}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('lets each package in through one door', () => {
    const broken: string[] = []
    for (const file of files) {
      for (const name of file.imports.filter((each) => !each.startsWith('.') && !each.startsWith('node:'))) {
        const packageName = name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/')
        const door = DOORS[packageName]
        if (door === undefined) broken.push(`${file.path} imports ${packageName}, which has no door`)
        else if (!new RegExp(`^${door}`).test(file.path))
          broken.push(`${file.path} imports ${packageName} beside its door ${door}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('keeps every dependency of the package behind a door that exists', () => {
    const manifest = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >
    const named = Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    })
    expect(named.filter((name) => DOORS[name] === undefined)).toEqual([])
  })

  it('gives pure files no window', () => {
    const broken: string[] = []
    for (const file of files.filter(({ path }) => PURE.some((pattern) => pattern.test(path)))) {
      const code = withoutComments(file.text)
      for (const pattern of WINDOWS) if (pattern.test(code)) broken.push(`${file.path}: ${pattern.source}`)
    }
    expect(broken).toEqual([])
  })

  it('knows the process in programs only', () => {
    const broken = files.filter(
      ({ path, text }) => !PROGRAMS.includes(path) && /(?<![\w.'`/-])process\.\w/.test(withoutComments(text)),
    )
    expect(broken.map(({ path }) => path)).toEqual([])
  })

  it('leaves nothing undone in the code', () => {
    const marks = /\b(TODO|FIXME|XXX)\b/
    expect(files.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([])
  })
})

/** Crude, and enough: comments of whole lines and block comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
