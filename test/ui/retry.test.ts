// What the page keeps of a run must not outlive a retry.

import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const JOB = `version: 1
name: words
model: claude-haiku-5-5
params: { max_tokens: 100 }
dataset: { type: rows, rows: [{ word: lamp }, { word: wheel }, { word: bell }], key: "{{word}}" }
prompt: "Say {{word}}."
sinks: [out/words.jsonl]
gate: { max_error_rate: 1 }
`

describe('the outcomes of a run that is retried', () => {
  let project: Project
  let emulator: RunningEmulator
  beforeEach(async () => {
    project = await createProject()
    await project.write('jobs/words.yaml', JOB)
    emulator = await startEmulatorProcess(project, ['--answers', 'echo'])
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  it('are those of its last attempt, in one page and in two', { timeout: 30_000 }, async () => {
    await emulator.faults([{ on: 'request', match: 'wheel', do: { refusal: true } }])
    const ran = await project.run(['run', 'jobs/words.yaml', '--json', '--quiet'], { env: emulator.env })
    const run: string = JSON.parse(ran.stdout).run_id
    const pages = [await openPage(project), await openPage(project)]
    const statuses = async (): Promise<string[][]> => {
      const texts = await Promise.all(pages.map((page) => page.ask(`/runs/${run}/outcomes`)))
      return texts.map((text) => [...text.matchAll(/<span class="tag t-(\w+)"/g)].map((match) => match[1] ?? ''))
    }
    const before = ['succeeded', 'refused', 'succeeded']
    expect(await statuses()).toEqual([before, before])
    const kept = project.path(`.batchwright/runs/${run}/index`)
    await expect.poll(() => readdir(kept).catch(() => [])).toEqual(['0000.1.v1.rows'])
    expect(await statuses()).toEqual([before, before])
    await emulator.faults([])
    expect((await project.run(['retry', run], { env: emulator.env })).code).toBe(0)
    const after = ['succeeded', 'succeeded', 'succeeded']
    expect(await statuses()).toEqual([after, after])
    await expect.poll(() => readdir(kept)).toEqual(['0000.2.v1.rows'])
    expect(await statuses()).toEqual([after, after])
    for (const page of pages) expect(await page.close()).toEqual({ code: 0, complaints: '' })
  })
})

async function openPage(project: Project) {
  const child = project.start(['ui', '--json', '--quiet'])
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const url = await new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(JSON.parse(text).url))
  })
  const cookie = ((await fetch(url)).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return {
    ask: async (path: string) => (await fetch(new URL(path, url), { headers: { cookie } })).text(),
    async close() {
      const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
      child.kill('SIGINT')
      return { code: await closed, complaints }
    },
  }
}
