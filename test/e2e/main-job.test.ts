import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pdfPageTexts } from '../../src/core/pdf.ts'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

const KEYS = [
  'annual-report',
  'harbour-news-ja',
  'invoice-kestrel',
  'invoice-moosgrund',
  'letter-quillan-rock',
  'research-note',
  'salt-museum-leaflet',
  'weather-station-manual',
]

/** Everything that stands in a PDF of the repository, white space aside. */
async function textOf(project: Project, key: string): Promise<string> {
  const pages = await pdfPageTexts(await readFile(project.path(`jobs/data/${key}.pdf`)), 200)
  return pages.join('').replace(/\s+/g, '')
}

interface Summary {
  readonly key: string
  readonly status: string
  readonly output: { readonly title: string; readonly summary: string; readonly key_points: string[] }
}

describe('the main job', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject({ examples: true })
  })
  afterEach(() => project.remove())

  it('turns each PDF into a summary of that PDF, without a key', async () => {
    const { code, stderr, stdout } = await project.run(['run', 'jobs/summarize-pdfs.yaml', '--local'])
    expect(stderr).toContain('8 of 8 rows succeeded.')
    expect(stderr).toContain('simulated')
    expect(stdout).toBe('')
    expect(code).toBe(0)
    const summaries = await project.lines<Summary>('out/summaries.jsonl')
    expect(summaries.map(({ key }) => key)).toEqual(KEYS)
    const texts = new Map<string, string>()
    for (const key of KEYS) texts.set(key, await textOf(project, key))
    for (const { key, status, output } of summaries) {
      expect(status).toBe('succeeded')
      const page = await project.read(`out/summaries/${key}.md`)
      expect(page).toContain(output.title)
      const sentences = [output.title, output.summary, ...output.key_points].map((text) => text.replace(/\s+/g, ''))
      for (const sentence of sentences) expect(texts.get(key), key).toContain(sentence)
      const isOnlyHere = (sentence: string): boolean =>
        KEYS.filter((name) => texts.get(name)?.includes(sentence)).length === 1
      expect(sentences.some(isOnlyHere), `${key}: ${sentences.join(' | ')}`).toBe(true)
    }
    expect(await project.read('out/summaries.failed.jsonl')).toBe('')
  })

  it('prints one JSON document on stdout when asked', async () => {
    const { code, stdout } = await project.run(['run', 'jobs/summarize-pdfs.yaml', '--local', '--json', '--quiet'])
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ job: 'summarize-pdfs', status: 'completed', requests: { total: 8, succeeded: 8 } })
    expect(document.outputs.map((output: { rows: number }) => output.rows)).toEqual([8, 8, 0])
    const { stdout: status } = await project.run(['status', '--json'])
    expect(JSON.parse(status)).toEqual(document)
  })

  it('runs the same against a separately started emulator', async () => {
    const emulator = await startEmulatorProcess(project)
    try {
      const { code, stderr } = await project.run(['run', 'jobs/summarize-pdfs.yaml'], { env: emulator.env })
      expect(stderr).toContain('8 of 8 rows succeeded.')
      expect(code).toBe(0)
      const stats = await emulator.stats()
      expect(stats.calls.create).toBe(1)
      expect(stats.paid_more_than_once).toEqual([])
    } finally {
      await emulator.stop()
    }
  })

  it('says what to do when there is no key', async () => {
    const { code, stderr } = await project.run(['run', 'jobs/summarize-pdfs.yaml'])
    expect(code).toBe(2)
    expect(stderr).toContain('ANTHROPIC_API_KEY')
    expect(stderr).toContain('--local')
  })

  it('never prints or stores the key', async () => {
    const emulator = await startEmulatorProcess(project)
    try {
      const key = 'sk-very-secret-4711'
      const result = await project.run(['run', 'jobs/classify-tickets.yaml', '--verbose'], {
        env: { ...emulator.env, ANTHROPIC_API_KEY: key },
      })
      expect(result.code).toBe(0)
      expect(result.stdout + result.stderr).not.toContain(key)
      const { execFileSync } = await import('node:child_process')
      const found = execFileSync('sh', ['-c', `grep -rl ${key} .batchwright/runs .batchwright/state.db* out || true`], {
        cwd: project.folder,
        encoding: 'utf8',
      })
      expect(found).toBe('')
    } finally {
      await emulator.stop()
    }
  })
})
