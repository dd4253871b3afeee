// The reference of the job file is what the schema says, and its examples run and use every key there is.

import { spawnSync } from 'node:child_process'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog } from '../src/catalog.ts'
import type { Json, JsonObject } from '../src/core/json.ts'
import { parseYaml } from '../src/job/parse.ts'
import { jobSchema } from '../src/job/schema.ts'
import { HELPERS } from '../src/prompt/helpers.ts'
import { type CliResult, createProject, type Project } from './support/cli.ts'
import { keysOf, usedKeys } from './support/job-keys.ts'

const REPO = join(import.meta.dirname, '..')
const EXAMPLES = join(REPO, 'docs/examples')
/** Its documents are at the provider, not here. */
const ONLY_PLANNED = 'attach-from-elsewhere'

describe('docs/job.md', () => {
  it('is what scripts/job-docs.mjs makes; after a change: npm run build && node scripts/job-docs.mjs', () => {
    const made = spawnSync(process.execPath, [join(REPO, 'scripts/job-docs.mjs'), '--check'], { encoding: 'utf8' })
    expect(made.stderr).toBe('')
    expect(made.status).toBe(0)
  })

  it('shows every example, and every helper', async () => {
    const page = await readFile(join(REPO, 'docs/job.md'), 'utf8')
    for (const name of await jobNames()) expect(page).toContain(`\`docs/examples/job/${name}.yaml\``)
    for (const { name } of HELPERS) expect(page).toContain(`| \`${name}\` |`)
  })
})

describe('the examples of docs/job.md', () => {
  let project: Project
  let run: CliResult
  beforeAll(async () => {
    project = await createProject()
    for (const name of ['data', 'schemas', 'job'])
      await cp(join(EXAMPLES, name), project.path(name), { recursive: true })
    const jobs = (await jobNames()).filter((name) => name !== ONLY_PLANNED).map((name) => `job/${name}.yaml`)
    run = await project.run(['run', ...jobs, '--local'])
  })
  afterAll(() => project.remove())

  const answers = async (name: string): Promise<{ key: string; status: string }[]> => {
    const rows = await project.lines<{ key: string; status: string }>(`out/${name}.jsonl`)
    return rows.map(({ key, status }) => ({ key, status }))
  }
  const succeeded = (...keys: string[]): object[] => keys.map((key) => ({ key, status: 'succeeded' }))

  it('run on the built-in emulator, and only the row that is meant to is rejected', async () => {
    expect(run.code, run.stderr).toBe(3)
    expect(run.stderr).toContain('1 row rejected, such as r2')
    expect(await answers('smallest')).toEqual(succeeded('1', '2', '3', '4'))
    expect(await answers('attach-documents')).toEqual(succeeded('1', '2'))
    expect(await answers('ask-with-tools')).toEqual(succeeded('Gannet', 'Puffin'))
    expect(await answers('careful-with-money')).toEqual(succeeded('r1', 'r2', 'r3', 'r4'))
    expect(await answers('checked-answers')).toEqual(succeeded('r1'))
    expect(await project.read('out/checked-answers.failed.csv')).toMatch(
      /^key,status,error\nr2,rejected,.*Unknown name/,
    )
    expect(await project.read('out/choose-rows.csv')).toMatch(
      /^review,language,answer,usd\nr\d,English,.*\nr\d,French,/,
    )
    expect((await project.read('out/few-shot.csv')).trimEnd().split('\n')).toHaveLength(5)
  })

  it('can be planned where their documents are elsewhere', async () => {
    const { code, stdout, stderr } = await project.run(['plan', `job/${ONLY_PLANNED}.yaml`, '--show', '1'])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('"url": "https://example.com/rules.pdf"')
    expect(stdout).toContain('"file_id": "file_011CNha8iCJcU1wXNR6q4V8w"')
  })

  it('use every key of the schema, those of single sources and sinks aside', async () => {
    const texts = await Promise.all(
      (await jobNames()).map((name) => readFile(join(EXAMPLES, `job/${name}.yaml`), 'utf8')),
    )
    const used = new Set(texts.flatMap((text) => [...usedKeys(parseYaml(text).data as Json)]))
    const keys = [...keysOf(jobSchema(catalog) as JsonObject)].filter((key) => !isOfOneComponent(key))
    expect(keys.length).toBeGreaterThan(70)
    expect(keys.filter((key) => !used.has(key))).toEqual([])
  })
})

async function jobNames(): Promise<string[]> {
  const names = await readdir(join(EXAMPLES, 'job'))
  return names.filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length))
}

/** Options of single sources and sinks have pages of their own. */
function isOfOneComponent(key: string): boolean {
  const shared = /^\/dataset\/(type|key|where|limit|sample|matrix)(\/|$)|^\/sinks\/\*\/(type|select)$/
  return /^\/(dataset|sinks\/\*)\//.test(key) && !shared.test(key)
}
