// Jobs and data that are made to hurt: each is refused with words, in bounded time and memory.

import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/cli.ts'

const REPORTER = join(import.meta.dirname, '../../bench/peak-memory.mjs')
/** Half a second is the program's own start; the machine may be busy. */
const MOST_MS = 5000
const MOST_MEGABYTES = 400

const TOP = 'model: claude-haiku-5-5\n'
const BOTTOM = 'sinks: [out.jsonl]\n'
const HI = `prompt: hi\n${BOTTOM}`

interface Case {
  readonly name: string
  readonly job: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly says: RegExp
  readonly args?: readonly string[]
}

const doubled = Array.from({ length: 40 }, (_, index) => (index === 39 ? '' : `{{> p${index + 1}}}{{> p${index + 1}}}`))

const CASES: readonly Case[] = [
  { name: 'a YAML bomb', job: yamlBomb(), says: /aliases .* multiply/ },
  { name: 'a job of 10 MB', job: `${TOP}prompt: ${'x'.repeat(10_000_000)}\n`, says: /larger than 1 MB/ },
  { name: 'half a million brackets', job: `${TOP}prompt: ${'['.repeat(500_000)}`, says: /more than 100 levels deep/ },
  {
    name: 'a template that calls itself',
    job: `${TOP}dataset: rows.csv\nprompt: { template: t/self.hbs }\n${BOTTOM}`,
    files: { 't/self.hbs': 'a{{> self}}' },
    says: /self\.hbs:1:1.*calls deep/,
  },
  {
    name: 'partials that double',
    job: `${TOP}dataset: rows.csv\nprompt: { template: d/p0.hbs }\n${BOTTOM}`,
    files: Object.fromEntries(doubled.map((text, index) => [`d/p${index}.hbs`, text])),
    says: /more than 1,000,000 turns/,
  },
  {
    name: 'loops in loops in loops',
    job: `${TOP}dataset: long.jsonl\nprompt: "{{#each l}}{{#each @root.l}}{{#each @root.l}}{{/each}}{{/each}}{{/each}}"\n${BOTTOM}`,
    files: { 'long.jsonl': `{"l":${JSON.stringify(Array.from({ length: 3000 }, (_, index) => index))}}\n` },
    says: /more than 1,000,000 turns/,
  },
  {
    name: 'a document that renders to ../../etc/passwd',
    job: `${TOP}dataset: rows.csv\ndocuments: [{ file: "{{path}}" }]\n${HI}`,
    says: /"\.\.\/\.\.\/etc\/passwd" leads outside the project root/,
  },
  {
    name: 'a document behind a link out of the root',
    job: `${TOP}dataset: { type: rows, rows: [{ path: inside/secret.txt }] }\ndocuments: [{ file: "{{path}}" }]\n${HI}`,
    says: /"inside\/secret\.txt" leads outside the project root/,
  },
  {
    name: 'a dataset behind a link out of the root',
    job: `${TOP}dataset: inside/secret.csv\n${HI}`,
    says: /inside\/secret\.csv leads outside the project root/,
  },
  {
    name: 'a template behind a link out of the root',
    job: `${TOP}dataset: rows.csv\nprompt: { template: inside/secret.hbs }\n${BOTTOM}`,
    says: /inside\/secret\.hbs leads outside the project root/,
  },
  {
    name: 'a row whose file would be ../../etc/passwd',
    job: `${TOP}dataset: { type: csv, path: rows.csv, key: "{{path}}" }\nprompt: hi\nsinks: [{ type: files, path: "out/{{key}}.md" }]\n`,
    says: /job\.yaml:4:\d+.*"out\/\.\.\/\.\.\/etc\/passwd\.md" would lie outside the folder/,
    args: ['run', '--local'],
  },
  {
    name: 'a row whose file lies behind a link out of the root',
    job: `${TOP}dataset: { type: rows, rows: [{ folder: inside }] }\nprompt: hi\nsinks: [{ type: files, path: "{{row.folder}}/a.md" }]\n`,
    says: /inside\/a\.md" leads outside the project root/,
    args: ['run', '--local'],
  },
  {
    name: '__proto__ in a JSON row',
    job: `${TOP}dataset: proto.jsonl\n${HI}`,
    files: { 'proto.jsonl': '{"id": 1, "a": [{"__proto__": {"x": 1}}]}\n' },
    says: /proto\.jsonl:1.*"__proto__"/,
  },
  {
    name: '__proto__ as a column',
    job: `${TOP}dataset: proto.csv\n${HI}`,
    files: { 'proto.csv': 'id,__proto__\n1,2\n' },
    says: /proto\.csv:1.*"__proto__"/,
  },
  {
    name: '__proto__ from a query',
    job: `${TOP}dataset: { type: sql, query: "select 1 as id, 2 as __proto__" }\n${HI}`,
    says: /job\.yaml:2:\d+.*"__proto__"/,
  },
  {
    name: '__proto__ as a variable',
    job: `${TOP}dataset: rows.csv\n${HI}`,
    says: /no var "__proto__"/,
    args: ['plan', '--var', '__proto__=1'],
  },
  {
    name: 'a template that asks for a prototype',
    job: `${TOP}dataset: rows.csv\nprompt: "{{constructor.name}}{{__proto__.toString}}"\n${BOTTOM}`,
    says: /Unknown name "constructor"/,
  },
  {
    name: 'rows nested beyond all measure',
    job: `${TOP}dataset: deep.jsonl\n${HI}`,
    files: { 'deep.jsonl': `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n` },
    says: /deep\.jsonl:1.*nested more than 200 levels/,
  },
  {
    name: 'a matrix of a billion combinations',
    job: `${TOP}dataset: { type: csv, path: rows.csv, matrix: { ${'abcdefghi'
      .split('')
      .map((name) => `${name}: [1,2,3,4,5,6,7,8,9,10]`)
      .join(', ')} } }\n${HI}`,
    says: /makes 1,000,000,000 requests of every row/,
  },
  {
    name: 'a glob that unfolds without end',
    job: `${TOP}dataset: { type: csv, path: "${'{a,b}'.repeat(40)}.csv" }\n${HI}`,
    says: /unfold into more than 1000 patterns/,
  },
  {
    name: 'a packed line of 300 MB',
    job: `${TOP}dataset: bomb.jsonl.gz\n${HI}`,
    files: {
      'bomb.jsonl.gz': gzipSync(Buffer.concat([Buffer.from('{"id":"'), Buffer.alloc(300_000_000, 'x')]), { level: 1 }),
    },
    says: /bomb\.jsonl\.gz:1.*longer than 256 MB/,
  },
]

describe('hostile input', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    // The root is a folder of the project's, so that a link can lead out of it.
    await project.write('outside/secret.txt', 'secret')
    await project.write('outside/secret.csv', 'id\n1\n')
    await project.write('outside/secret.hbs', 'secret')
    await project.write('root/package.json', '{}')
    await project.write('root/rows.csv', 'id,path\n1,../../etc/passwd\n')
    await mkdir(project.path('root'), { recursive: true })
    await symlink('../outside', project.path('root/inside'))
  })
  afterAll(() => project.remove())

  it.each(CASES)('$name is refused', async ({ job, files = {}, says, args = ['plan'] }) => {
    for (const [path, content] of Object.entries({ 'job.yaml': job, ...files }))
      await project.write(`root/${path}`, content)
    const env = { NODE_OPTIONS: `--import ${REPORTER}`, PEAK_MEMORY_FILE: project.path('memory') }
    const start = performance.now()
    const { code, stdout, stderr } = await project.run([...args, 'root/job.yaml'], { env, killAfterMs: 2 * MOST_MS })
    const ms = performance.now() - start
    expect(`${stdout}\n${stderr}`.replaceAll(/root\//g, '')).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
    expect(stdout + stderr).not.toContain('secret\n')
    expect(code).toBe(2)
    expect(ms).toBeLessThan(MOST_MS)
    expect(Number(await project.read('memory'))).toBeLessThan(MOST_MEGABYTES)
  })

  it('a regular expression without end is answered all the same', async () => {
    const row = `${'a'.repeat(60)}!`
    await project.write(
      'root/job.yaml',
      `${TOP}dataset: { type: rows, rows: [{ id: "${row}" }], where: '!id.matches("^(a+)+$")' }\n${HI}`,
    )
    const { code, stdout, stderr } = await project.run(['plan', 'root/job.yaml', '--json'], { killAfterMs: MOST_MS })
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout).rows).toBe(1)
  })
})

/** Nine levels of nine aliases each: 387 million values. */
function yamlBomb(): string {
  const levels = [...'bcdefghi'].map(
    (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
  )
  return `a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`
}
