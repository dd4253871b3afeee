import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/cli.ts'

describe('jobs that read the results of another', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    await project.write('rows.csv', 'id,team\na,red\nb,blue\nc,red\n')
    await project.write(
      'extract.yaml',
      `model: claude-haiku-5-5
dataset: { type: csv, path: rows.csv, key: "{{id}}" }
prompt: "A fact about {{id}} of team {{team}}."
sinks: [out/facts.jsonl]
`,
    )
    await project.write(
      'reduce.yaml',
      `model: claude-haiku-5-5
dataset: { type: results, job: extract.yaml, group_by: row.team, key: "{{group}}" }
prompt: "Team {{group}}: {{#each items}}{{this.key}}={{this.text}} {{/each}}"
sinks: [{ type: jsonl, path: out/teams.jsonl }]
`,
    )
  })
  afterAll(() => project.remove())

  it('says what to run first when the other has not run', async () => {
    const { code, stderr } = await project.run(['plan', 'reduce.yaml', '--local'])
    expect(code).toBe(2)
    expect(stderr).toContain('"extract" has no local run yet')
    expect(stderr).toContain('batchwright run')
  })

  it('are run in order when both are named, whichever comes first', async () => {
    const { code, stderr } = await project.run(['run', 'reduce.yaml', 'extract.yaml', '--local'])
    expect(code, stderr).toBe(0)
    const teams = await project.lines<{ key: string; row: { items: { key: string }[] } }>('out/teams.jsonl')
    expect(teams.map(({ key, row }) => [key, row.items.map((item) => item.key)])).toEqual([
      ['blue', ['b']],
      ['red', ['a', 'c']],
    ])
  })
})
