import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/cli.ts'

describe('data that lies outside the project', () => {
  let project: Project
  let elsewhere: string
  beforeEach(async () => {
    project = await createProject()
    elsewhere = await mkdtemp(join(tmpdir(), 'batchwright-elsewhere-'))
    await writeFile(join(elsewhere, 'a.txt'), 'The first letter.')
    await writeFile(join(elsewhere, 'rows.csv'), 'id,path\n1,x\n')
  })
  afterEach(async () => {
    await project.remove()
    await rm(elsewhere, { recursive: true, force: true })
  })

  const job = (dataset: string, file: string): string =>
    `model: claude-haiku-5-5\ndataset: ${dataset}\ndocuments: [{ file: "${file}" }]\nprompt: Summarise.\nsinks: [out.jsonl]\n`

  it('is read and sent when the job itself names it', async () => {
    await project.write(
      'job.yaml',
      job(`{ type: files, path: "${elsewhere}/*.txt", key: "{{file.stem}}" }`, '{{file.path}}'),
    )
    const { code, stderr } = await project.run(['run', 'job.yaml', '--local'])
    expect(code, stderr).toBe(0)
    expect((await project.lines('out.jsonl')).map(({ key }) => key)).toEqual(['a'])
  })

  it('is refused when only a row leads there', async () => {
    await project.write('job.yaml', job(`{ type: csv, path: "${elsewhere}/rows.csv" }`, '../../etc/passwd'))
    const { code, stderr } = await project.run(['run', 'job.yaml', '--local'])
    expect(code).toBe(2)
    expect(stderr).toContain('leads outside the project root')
  })

  it('is refused when a link below the root leads there', async () => {
    await symlink(join(elsewhere, 'a.txt'), project.path('link.txt'))
    await project.write('job.yaml', job('{ type: files, path: "*.txt" }', '{{file.path}}'))
    const { code, stderr } = await project.run(['run', 'job.yaml', '--local'])
    expect(code).toBe(2)
    expect(stderr).toContain('leads outside the project root')
  })
})
