import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDuplicateCheck, type DuplicateCheck } from '../../src/plan/duplicates.ts'

const disk = vi.hoisted(() => ({ isFull: false }))
vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>()
  return {
    ...actual,
    writeSync(...given: Parameters<typeof actual.writeSync>) {
      if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      return actual.writeSync(...given)
    },
  }
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batchwright-full-'))
})
afterEach(() => {
  disk.isFull = false
})
afterAll(() => rm(folder, { recursive: true }))

function withKeys(): DuplicateCheck {
  const check = createDuplicateCheck(folder, 10)
  for (let ordinal = 0; ordinal < 100; ordinal += 1) check.add(`key-${ordinal}`, ordinal)
  return check
}

describe('keys on a disk that is full', () => {
  it('are put away without being written first, so that what went wrong before is what is said', async () => {
    const check = withKeys()
    disk.isFull = true
    await check.discard()
    expect(await readdir(folder)).toEqual([])
  })

  it('say so when they are to be compared, and leave no file', async () => {
    const check = withKeys()
    disk.isFull = true
    await expect(check.finish()).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readdir(folder)).toEqual([])
  })
})
