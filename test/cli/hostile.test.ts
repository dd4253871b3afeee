// What somebody wrote into rows, answers and file names, told on a terminal.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { UNSEEN } from '../report/run.ts'
import { createProject, type Project } from '../support/cli.ts'
import { HOSTILE, makeRuns } from '../ui/pages.ts'

let project: Project
let said: string
beforeAll(async () => {
  project = await createProject()
  said = await makeRuns(project, ['hostile.yaml'])
})
afterAll(() => project.remove())

it('nothing reaches the terminal but what can be seen, and no cell of a megabyte', async () => {
  const commands = [
    ['plan', 'hostile.yaml', '--show', '2'],
    ['plan', `no ${HOSTILE}.yaml`],
    ['validate', `no ${HOSTILE}.yaml`],
    ['try', 'hostile.yaml', '--local', '--limit', '2'],
    ['status', 'hostile'],
    ['status', HOSTILE],
    ['runs'],
    ['show', 'hostile', 'paper'],
    ['show', 'hostile', 'long'],
    ['show', 'hostile', HOSTILE],
    ['show', 'hostile', `no ${HOSTILE}`],
    ['export', 'hostile', '--to', 'out/\u001b[31m\u202e.csv'],
    ['report', 'hostile', '--out', project.path('out/\u001b[31m\u202e.html')],
    ['init', 'new \u001b[31m\u202e'],
    ['completions', HOSTILE],
    ['run', `--${HOSTILE}`],
    ['prune', '--older-than', HOSTILE],
  ]
  expect(said.replaceAll('\n', '')).not.toMatch(UNSEEN)
  for (const command of commands) {
    const { stdout, stderr } = await project.run(command)
    const text = stdout + stderr
    expect(text.length, command.join(' ')).toBeGreaterThan(20)
    expect(text.length, command.join(' ')).toBeLessThan(100_000)
    expect(text.replaceAll('\n', ''), command.join(' ')).not.toMatch(UNSEEN)
  }
})
