import { describe, expect, it } from 'vitest'
import { seeded } from '../sim/random.ts'
import { createProject, startEmulatorProcess } from '../support/cli.ts'

const KILLS = 10
/** One more row for the tickets. */
const NEW_TICKET = '9999,2026-11-21,web,open,Late,One more ticket'

describe('a run that is killed', () => {
  it('with --local, ten times at random moments, delivers every row once and pays once', {
    timeout: 120_000,
  }, async () => {
    const project = await createProject({ examples: true })
    try {
      const random = seeded(20261122)
      const args = [
        'run',
        'jobs/classify-tickets.yaml',
        '--local',
        '--set',
        'batch.max_requests=4',
        '--json',
        '--quiet',
      ]
      let kills = 0
      let end = await project.run(args, { killAfterMs: 300 })
      while (end.signal === 'SIGKILL') {
        kills += 1
        expect(kills, 'the run never ends').toBeLessThan(60)
        end = kills < KILLS ? await project.run(args, { killAfterMs: 250 + random() * 900 }) : await project.run(args)
      }
      // However quick the machine, a finished run is left alone and the rest of the kills go to nothing.
      expect(end.code, end.stderr).toBe(0)
      expect(JSON.parse(end.stdout)).toMatchObject({ status: 'completed', requests: { total: 36, succeeded: 36 } })
      const keys = (await project.lines('out/tickets.jsonl')).map((outcome) => outcome.key)
      expect(new Set(keys).size).toBe(36)
      expect(keys).toHaveLength(36)
      const emulator = await startEmulatorProcess(project)
      const stats = await emulator.stats()
      await emulator.stop()
      expect(stats.paid_more_than_once).toEqual([])
      expect(stats.requests.accepted).toBe(36)
    } finally {
      await project.remove()
    }
  })

  it('goes on with resume from its stored plan, whatever was edited meanwhile', async () => {
    const project = await createProject({ examples: true })
    const emulator = await startEmulatorProcess(project, ['--batch-seconds', '1.5'])
    try {
      const job = 'jobs/classify-tickets.yaml'
      const detached = await project.run(['run', job, '--detach'], { env: emulator.env })
      expect(detached.code, detached.stderr).toBe(0)
      const original = { job: await project.read(job), data: await project.read('jobs/data/tickets.csv') }
      const edits: readonly { file: string; text: string; says: RegExp }[] = [
        { file: job, text: original.job.replace(/max_tokens: \d+/, 'max_tokens: 77'), says: /"params" in the job/ },
        {
          file: 'jobs/data/tickets.csv',
          text: `${original.data.trimEnd()}\n${NEW_TICKET}\n`,
          says: /rows and had 36|rows of the dataset/,
        },
        { file: 'templates/classify.hbs', text: 'Something else: {{subject}}', says: /the prompt or its template/ },
      ]
      for (const { file, text, says } of edits) {
        const before = await project.read(file)
        await project.write(file, text)
        const changed = await project.run(['run', job], { env: emulator.env })
        expect(changed.code, changed.stderr).toBe(2)
        expect(changed.stderr).toMatch(says)
        expect(changed.stderr).toContain('batchwright resume')
        expect(changed.stderr).toContain('--new')
        // The last edit stays: the run that is out does not read the template again.
        if (file !== 'templates/classify.hbs') await project.write(file, before)
      }
      const resumed = await project.run(['resume', '--json'], { env: emulator.env })
      expect(resumed.code, resumed.stderr).toBe(0)
      expect(resumed.stderr).toContain('Resuming')
      const stats = await emulator.stats()
      expect(stats.calls.create).toBe(1)
      expect(await project.lines('out/tickets.jsonl')).toHaveLength(36)
    } finally {
      await emulator.stop()
      await project.remove()
    }
  })
})
