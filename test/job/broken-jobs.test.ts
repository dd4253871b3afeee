import { expect, test } from 'vitest'
import { formatProblems } from '../../src/cli/problems.ts'
import { BROKEN_JOBS } from './broken-jobs.ts'
import { problemsOf, project } from './project.ts'

test.each(BROKEN_JOBS)('a broken job is explained: $name', async ({ name, job, files, given }) => {
  const cwd = await project({ 'job.yaml': job, ...files })
  const problems = await problemsOf(cwd, 'job.yaml', given)
  const text = formatProblems(problems, 'pretty', { color: false, cwd }).replaceAll(cwd, '/project')
  await expect(text).toMatchFileSnapshot(`../golden/job/${name}.txt`)
  expect(text).not.toMatch(/\bat .*\.ts:\d+|undefined|\[object/)
})
