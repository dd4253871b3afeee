// A large dataset, planned with a thread that reads it and without one: the same plan, to the byte.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { planJob } from '../../src/app/plan-run.ts'
import { openWorkspace, type Surroundings } from '../../src/app/workspace.ts'
import { UserError } from '../../src/core/errors.ts'
import { loadJob } from '../../src/index.ts'
import { createProject, type Project } from '../support/cli.ts'
import { threads } from '../support/threads.ts'

vi.mock('node:worker_threads', async (importActual) => {
  const { watched } = await import('../support/threads.ts')
  return watched(await importActual())
})

const ROWS = 10_500
const JOB = `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row {{id}}", where: "id % 11 != 3" }
prompt: "{{#if note}}{{upper city}}: {{note}}{{/if}}"
on_rejected: skip
batch: { max_requests: 3000 }
sinks: [out.jsonl]
`
let project: Project

beforeAll(async () => {
  project = await createProject()
  // Some have no prompt, some stand in another notation, some have other names.
  const lines = Array.from({ length: ROWS }, (_, id) => {
    const note = id % 100 === 0 ? '' : `“${id}” Züge, and "so" on `.repeat(50)
    const city = ['Köln', '東京', 'Oslo'][id % 3]
    const line = JSON.stringify(id % 7 === 0 ? { id, city, note, more: [id] } : { id, city, note })
    return id % 13 === 0 ? line.replace('K\u00f6ln', 'K\\u00f6ln').replace(/,/g, ' ,') : line
  })
  await project.write('rows.jsonl', lines.join('\n'))
  await project.write('job.yaml', JOB)
  return () => project.remove()
})
beforeEach(() => threads.reset())

async function planned(isAlone: boolean): Promise<{ header: object; rejected: object; files: string[] }> {
  threads.kind = isAlone ? 'none' : 'real'
  const never = new AbortController().signal
  const surroundings = {
    cwd: project.folder,
    env: {},
    process: { pid: process.pid, hostname: 'here' },
    clock: { now: () => 1_700_000_000_000 },
    random: () => 0.5,
    notify: () => undefined,
    interrupted: never,
    signal: never,
  } as unknown as Surroundings
  const job = await loadJob('job.yaml', { cwd: project.folder })
  const workspace = await openWorkspace(surroundings, project.folder)
  try {
    const { header, rejected } = await planJob(workspace, job, { local: false, full: true })
    const folder = join(workspace.runFolder(header.run), 'requests')
    const names = (await readdir(folder)).sort()
    const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    await workspace.artifacts.removeRun(header.run)
    return { header, rejected, files }
  } finally {
    await workspace.close()
  }
}

describe('a large dataset', () => {
  it('is planned the same with a thread and without', async () => {
    const alone = await planned(true)
    expect(threads.blocks).toBe(0)
    const aside = await planned(false)
    expect(threads.blocks).toBeGreaterThan(10)
    expect(aside.header).toEqual(alone.header)
    expect(aside.header).toMatchObject({ rejected: expect.any(Number) })
    expect(aside.rejected).toEqual(alone.rejected)
    expect(aside.files.length).toBeGreaterThan(2)
    for (const [index, file] of aside.files.entries()) expect(file === alone.files[index], String(index)).toBe(true)
  })

  it('is refused the same: rows with one key, and lines that are no JSON', async () => {
    const problems = async (isAlone: boolean): Promise<unknown> =>
      planned(isAlone).then(
        () => undefined,
        (error: unknown) => (error instanceof UserError ? error.problems : error),
      )
    const text = await project.read('rows.jsonl')
    await project.write('rows.jsonl', `${text}\n${text.slice(0, 5000)}`)
    const broken = await problems(false)
    expect(broken).toMatchObject([{ file: 'rows.jsonl', line: expect.any(Number) }])
    expect(await problems(true)).toEqual(broken)
    await project.write('rows.jsonl', `${text}\n${text.slice(0, text.indexOf('\n', 5000))}`)
    const repeated = await problems(false)
    expect(repeated).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/^The key "row 0" names/) }),
    )
    expect(await problems(true)).toEqual(repeated)
    expect(await readdir(join(project.folder, '.batchwright', 'runs'))).toEqual([])
    await project.write('rows.jsonl', text)
  })
})
