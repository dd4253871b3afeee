import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

/** A phrase that stands in one PDF only: the summary must come from it. */
const PHRASES = {
  'annual-report': 'Marsh Harrier',
  'harbour-news-ja': '霧ヶ浜',
  'invoice-kestrel': 'KO-2026-0417',
  'invoice-moosgrund': 'Moosgrund',
  'letter-quillan-rock': 'Quillan Rock',
  'research-note': 'Corylomima',
  'salt-museum-leaflet': 'Αλατιού',
  'weather-station-manual': 'Fenwick 9',
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
    expect(summaries.map(({ key }) => key)).toEqual(Object.keys(PHRASES))
    for (const { key, status, output } of summaries) {
      expect(status).toBe('succeeded')
      const page = await project.read(`out/summaries/${key}.md`)
      expect(page).toContain(output.title)
      expect(output.title + output.summary + output.key_points.join(' '), key).toContain(
        PHRASES[key as keyof typeof PHRASES],
      )
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
