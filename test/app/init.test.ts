import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initProject } from '../../src/app/init.ts'

describe('a new project', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'batchwright-init-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('keeps the mark of its root in git, and what is stored there out of it', async () => {
    await initProject(folder, '{}')
    expect(await readFile(join(folder, '.batchwright/.gitignore'), 'utf8')).toBe('*\n!.gitignore\n')
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('out/\n')
  })

  it('is not written over another one, nor in part', async () => {
    const other = join(folder, 'other')
    await initProject(other, '{}')
    await rm(join(other, 'data'), { recursive: true })
    await writeFile(join(other, 'jobs/reviews.yaml'), 'mine')
    await expect(initProject(other, '{}')).rejects.toThrow(/already has jobs\/reviews\.yaml/)
    expect(await readFile(join(other, 'jobs/reviews.yaml'), 'utf8')).toBe('mine')
    expect(await readdir(other)).not.toContain('data')
  })
})
