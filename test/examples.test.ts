// Every example of the repository runs, offline, as a reader of the README would run it.

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from './support/cli.ts'

const REPO = join(import.meta.dirname, '..')
const jobs = readdirSync(join(REPO, 'jobs')).filter((name) => name.endsWith('.yaml'))

describe('the examples', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject({ examples: true })
  })
  afterAll(() => project.remove())

  for (const job of jobs) {
    it(`jobs/${job} runs to the end on the built-in emulator, for what it was estimated to cost`, async () => {
      const plan = await project.run(['plan', `jobs/${job}`, '--json'])
      const { estimated } = JSON.parse(plan.stdout)
      const { code, stdout, stderr } = await project.run(['run', `jobs/${job}`, '--local', '--json'])
      expect(code, stderr).toBe(0)
      const { requests, status, usage, cost_usd } = JSON.parse(stdout)
      expect(status).toBe('completed')
      expect(requests.succeeded).toBe(requests.total)
      expect(requests.total).toBeGreaterThan(0)
      const counted = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
      expect(estimated.input_tokens / counted).toBeGreaterThan(0.93)
      expect(estimated.input_tokens / counted).toBeLessThan(1.07)
      expect(estimated.input_tokens_low).toBeLessThan(counted)
      expect(estimated.input_tokens_high).toBeGreaterThan(counted)
      expect(cost_usd).toBeLessThan(estimated.usd_max)
      expect(usage.output_tokens).toBeLessThanOrEqual(estimated.output_tokens_max)
    })
  }

  it('are all valid', async () => {
    const { code, stderr } = await project.run(['validate', 'jobs/'])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`${jobs.length} jobs checked`)
  })

  it('have PDFs that their script makes byte for byte', () => {
    execFileSync(process.execPath, [join(REPO, 'scripts/make-pdfs.mjs'), '--check'], { stdio: 'pipe' })
  })
})
