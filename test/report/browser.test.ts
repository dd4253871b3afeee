// Hostile content in a real browser, where one is installed: what runs is what the page's title says.

import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunFacts } from '../../src/report/facts.ts'
import { reportPage } from '../../src/report/report.ts'
import { HOSTILE, NOW, outcomeWith, runWith } from './run.ts'

const run = promisify(execFile)
const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

describe('the report in a browser', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'batchwright-page-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** The page after its scripts have run. */
  async function opened(page: string): Promise<string> {
    const path = join(folder, 'page.html')
    await writeFile(path, page)
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'profile')}`]
    const { stdout } = await run(browser as string, [...flags, '--dump-dom', `file://${path}`], { timeout: 30_000 })
    return stdout
  }

  it('runs its own search and nothing that stands in a row', { timeout: 60_000 }, async (test) => {
    if (browser === undefined) {
      console.info('No Chromium is installed, so the report is not opened in a browser.')
      return test.skip('no Chromium is installed')
    }
    const text = await reportText()
    const dom = await opened(text)
    expect(dom).toContain('class="scripted"')
    expect(dom).toMatch(/<output id="n"[^>]*>1 of 1 rows<\/output>/)
    expect(dom).toMatch(/<title>job · job-/)
    // The second line of defence: what gets past the escapes is not run either.
    const broken = text.replace('<tbody id="rows">', '<tbody id="rows"><script>document.title="run"</script>')
    expect(await opened(broken)).toMatch(/<title>job · job-/)
    // And the test could fail: without the policy it would run.
    const open = broken.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
    expect(await opened(open)).toContain('<title>run</title>')
  })
})

async function reportText(): Promise<string> {
  const outcome = outcomeWith({ key: HOSTILE, text: HOSTILE, output: { [HOSTILE]: HOSTILE.repeat(50) } })
  const facts = new RunFacts()
  facts.add(outcome)
  async function* outcomes() {
    yield outcome
  }
  let text = ''
  const data = { run: runWith(), facts, receipt: [], outcomes: outcomes(), now: NOW, version: '1' }
  for await (const piece of reportPage(data)) text += piece
  return text
}
