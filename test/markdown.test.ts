// Every page is true: its commands work in their order, its programs compile and run, its jobs are valid, its links lead somewhere.

import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isJsonObject } from '../src/core/json.ts'
import type { Emulator } from '../src/index.ts'
import { loadJob, startEmulator } from './support/built.ts'
import { type Block, isAsShown, type Page, readPage } from './support/markdown.ts'
import { unpackPackage } from './support/packed.ts'
import { freePort } from './support/servers.ts'
import { type Step, type Walk, walk } from './support/walkthrough.ts'

const REPO = join(import.meta.dirname, '..')
const PROGRAMS = ['ts', 'js']
/** Ten seconds of two idle cores. */
const SLOW_MACHINE_MS = 120_000
const KNOWN = ['sh', 'console', 'ts', 'js', 'json', 'yaml', 'text', '']

const pages = await Promise.all(
  ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...(await pagesOfDocs())].map(async (path) =>
    readPage(path, await readFile(join(REPO, path), 'utf8')),
  ),
)
const walked = pages.filter(({ blocks }) => blocks.some(isRunOrRead))

let scratch: string
let emulator: Emulator
let walks: ReadonlyMap<string, Walk> = new Map()
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'batchwright-pages-'))
  emulator = await startEmulator({ stateDir: join(scratch, 'emulator'), batchSeconds: 4 })
  const home = unpackPackage(join(scratch, 'packed'))
  await compile(home)
  const programs = new Map<Block, string>()
  for (const { path, blocks } of pages) {
    for (const [index, block] of blocks.entries()) {
      if (isProgram(block))
        programs.set(block, await readFile(join(scratch, 'built', `${nameOf(path, index)}.mjs`), 'utf8'))
    }
  }
  const compiled = (block: Block): string => programs.get(block) ?? ''
  walks = new Map(
    await Promise.all(
      walked.map(async (page) => {
        const port = await freePort()
        return [page.path, await walk(page, { home, emulator: emulator.url, port, compiled })] as const
      }),
    ),
  )
}, SLOW_MACHINE_MS)
afterAll(async () => {
  await emulator.close()
  await Promise.all([...walks.values()].map(({ project }) => project.remove()))
  await rm(scratch, { recursive: true })
})

describe.for(walked.map(({ path }) => path))('%s', (path) => {
  const page = pages.find((each) => each.path === path) as Page
  const stepsOf = (): readonly Step[] => walks.get(path)?.steps ?? []

  it('does what it says, in its order', () => {
    const wrong = stepsOf().filter(({ block, status }) => {
      return status !== (block.note.type === 'fails' ? block.note.status : 0)
    })
    expect(wrong.map(({ block, text, status, output }) => ({ line: block.line, text, status, output }))).toEqual([])
  })

  it('prints what it shows', () => {
    for (const { shown, output, block } of stepsOf()) {
      if (shown !== undefined && !isAsShown(shown, output)) expect(output, `line ${block.line}`).toBe(shown)
    }
  })

  it('has data and jobs that are read without a complaint', async () => {
    const { project } = walks.get(path) as Walk
    for (const [index, block] of page.blocks.entries()) {
      if (block.note.type === 'shown') continue
      if (block.language === 'json') JSON.parse(block.text)
      if (block.language === 'yaml' && block.note.type !== 'copy') await checkYaml(project.folder, block, index)
    }
  })
})

describe('the pages', () => {
  it('copy the examples that they name', async () => {
    for (const { path, blocks } of pages) {
      for (const { note, text, line } of blocks) {
        if (note.type !== 'copy') continue
        expect(text, `${path}:${line}`).toBe(await readFile(join(REPO, note.path), 'utf8'))
      }
    }
  })

  it('have links that lead somewhere', async () => {
    const anchors = new Map(pages.map((page) => [page.path, page.anchors]))
    const wrong: string[] = []
    for (const { path, links } of pages) {
      for (const { target, line } of links) {
        if (!(await leadsSomewhere(path, target, anchors))) wrong.push(`${path}:${line} ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('are all found from the table of contents', async () => {
    const contents = pages.find(({ path }) => path === 'docs/README.md')
    const linked = contents?.links.map(({ target }) => `docs/${target.replace(/#.*/, '')}`)
    const others = pages.map(({ path }) => path).filter((path) => /^docs\/[^/]+\.md$/.test(path))
    expect(others.filter((path) => path !== 'docs/README.md' && linked?.includes(path) !== true)).toEqual([])
    expect(pages.find(({ path }) => path === 'README.md')?.links.map(({ target }) => target)).toContain(
      'docs/README.md',
    )
  })

  it('say why, where a block is only shown', () => {
    const shown = pages.flatMap(({ path, blocks }) =>
      blocks.flatMap(({ note, line }) => (note.type === 'shown' ? [{ place: `${path}:${line}`, why: note.why }] : [])),
    )
    process.stdout.write(
      `${shown.length} blocks of the pages are only shown:\n${shown.map(({ place, why }) => `  ${place} ${why}\n`).join('')}`,
    )
    expect(shown.filter(({ why }) => why.length < 20)).toEqual([])
    expect(pages.flatMap(({ blocks }) => blocks.filter(({ language }) => !KNOWN.includes(language)))).toEqual([])
  })
})

async function pagesOfDocs(): Promise<string[]> {
  const names = await readdir(join(REPO, 'docs'), { recursive: true })
  return names
    .filter((name) => name.endsWith('.md') && !name.startsWith('examples/data/'))
    .map((name) => `docs/${name}`)
}

function isRunOrRead({ language, note }: Block): boolean {
  return language !== 'text' && language !== '' && note.type !== 'shown' && note.type !== 'copy'
}

function isProgram({ language, note }: Block): boolean {
  return PROGRAMS.includes(language) && note.type !== 'shown' && note.type !== 'copy'
}

function nameOf(path: string, index: number): string {
  return `${path.replace(/\W/g, '-')}-${index}`
}

/** All programs of all pages at once, as strictly as can be, against the types that the package ships. */
async function compile(home: string): Promise<void> {
  await mkdir(join(scratch, 'own'))
  for (const { path, blocks } of pages) {
    for (const [index, block] of blocks.entries()) {
      const ending = block.language === 'ts' ? 'mts' : 'mjs'
      if (isProgram(block)) await writeFile(join(scratch, 'own', `${nameOf(path, index)}.${ending}`), block.text)
    }
  }
  await mkdir(join(scratch, 'node_modules/@types'), { recursive: true })
  await symlink(home, join(scratch, 'node_modules/batchwright'))
  for (const name of ['@types/node', 'undici-types'])
    await symlink(join(REPO, 'node_modules', name), join(scratch, 'node_modules', name))
  const options = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    allowJs: true,
    checkJs: true,
    preserveSymlinks: true,
    types: ['node'],
    rootDir: 'own',
    outDir: 'built',
  }
  await writeFile(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['own'] }))
  const compiler = join(REPO, 'node_modules/typescript/bin/tsc')
  const compiled = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: scratch, encoding: 'utf8' })
  expect(compiled.stdout + compiled.stderr).toBe('')
}

/** What a page leaves out of a job in order to speak of one part. */
const REST: Readonly<Record<string, string>> = {
  model: 'claude-haiku-5-5',
  dataset: '{ type: rows, rows: [{ text: a, id: a, title: a }] }',
  prompt: '"{{text}}"',
  sinks: '[out/rest.jsonl]',
}

async function checkYaml(folder: string, { text, note, line }: Block, index: number): Promise<void> {
  const value = parse(text)
  if (Array.isArray(value)) return checkFaults(text)
  // Only a comment: the first line of a job.
  if (!isJsonObject(value)) return
  const rest = Object.entries(REST).filter(
    ([key]) => !Object.hasOwn(value, key === 'prompt' && Object.hasOwn(value, 'messages') ? 'messages' : key),
  )
  const file = join(folder, note.type === 'file' ? `.walk/named-${index}.yaml` : `jobs/block-${index}.yaml`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${text}\n${rest.map(([key, part]) => `${key}: ${part}\n`).join('')}`)
  const named = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, 'http://127.0.0.1'])
  const root = await rootOf(folder)
  await expect(
    loadJob(file, { cwd: root, root, env: Object.fromEntries(named) }),
    `line ${line}`,
  ).resolves.toBeDefined()
}

/** Whoever has done with its page does not mind what goes wrong now. */
async function checkFaults(text: string): Promise<void> {
  for (const body of [text, '[]']) {
    const response = await fetch(`${emulator.url}/_emulator/faults`, { method: 'PUT', body })
    expect(response.ok, await response.text()).toBe(true)
  }
}

/** A page that makes its own project has it in a folder below. */
async function rootOf(folder: string): Promise<string> {
  const names = await readdir(folder)
  const own = names.find((name) => name === 'mine')
  return own === undefined ? folder : join(folder, own)
}

async function leadsSomewhere(
  from: string,
  target: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<boolean> {
  if (/^[a-z]+:/.test(target)) return target.startsWith('https://') && URL.canParse(target)
  const [name = '', anchor] = target.split('#')
  const path = name === '' ? from : relative(REPO, join(REPO, dirname(from), name))
  if (anchor !== undefined) return anchors.get(path)?.has(anchor) === true
  const names = await readdir(join(REPO, dirname(path)))
  return names.includes(path.split('/').at(-1) ?? '')
}
