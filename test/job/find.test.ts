import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findJobFiles } from '../../src/job/find.ts'
import { project } from './project.ts'

test('a folder stands for every job file below it, in order, without what programs put there', async () => {
  const cwd = await project({
    'jobs/b.yaml': '',
    'jobs/a.yml': '',
    'jobs/sub/c.YAML': '',
    'jobs/data.csv': '',
    'jobs/node_modules/x/d.yaml': '',
    'jobs/out/e.yaml': '',
    'jobs/.git/f.yaml': '',
    'jobs/.batchwright/g.yaml': '',
  })
  await symlink(join(cwd, 'jobs'), join(cwd, 'jobs/sub/loop'))
  expect(await findJobFiles(['jobs'], cwd)).toEqual(['jobs/a.yml', 'jobs/b.yaml', 'jobs/sub/c.YAML'])
  expect(await findJobFiles(['jobs/b.yaml', 'jobs', './jobs/b.yaml'], cwd)).toEqual([
    'jobs/b.yaml',
    'jobs/a.yml',
    'jobs/sub/c.YAML',
  ])
})

test('every path that leads nowhere is a problem, with what was meant', async () => {
  const cwd = await project({ 'jobs/a.yaml': '', 'empty/readme.md': '' })
  await expect(findJobFiles(['jobs/b.yaml', 'empty', 'jbos'], cwd)).rejects.toMatchObject({
    problems: [
      { file: 'jobs/b.yaml', message: 'jobs/b.yaml does not exist.' },
      { file: 'empty', message: expect.stringContaining('no job file') },
      { file: 'jbos', message: 'jbos does not exist.', hint: 'Did you mean jobs?' },
    ],
  })
})
