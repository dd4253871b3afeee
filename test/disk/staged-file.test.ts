import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StagedFile } from '../../src/disk/staged-file.ts'

const { O_DIRECT = 0 } = constants as { readonly O_DIRECT?: number }

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batchwright-staged-'))
  path = join(folder, 'file')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** How the open handles of this process write to the file: their flags, where the system tells. */
async function flagsOfHandles(): Promise<number[]> {
  const flags: number[] = []
  for (const fd of await readdir('/proc/self/fd').catch(() => [])) {
    const target = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => '')
    const place = await readlink(`/proc/self/fd/${fd}`).catch(() => '')
    if (place === path) flags.push(Number.parseInt(/^flags:\s+(\d+)/m.exec(target)?.[1] ?? '0', 8))
  }
  return flags
}

async function canGoDirect(): Promise<boolean> {
  const handle = await open(join(folder, 'any'), constants.O_CREAT | constants.O_WRONLY | O_DIRECT).catch(
    () => undefined,
  )
  await handle?.close()
  return handle !== undefined && O_DIRECT !== 0
}

async function handlePrototype(): Promise<FileHandle> {
  const handle = await open(join(folder, 'any'), 'w')
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}

function bytesOf(seed: number, length: number): Buffer {
  const block = createHash('sha512').update(String(seed)).digest()
  return Buffer.alloc(length, block)
}

describe.each([{ goesDirect: true }, { goesDirect: false }])(
  'a staged file ($goesDirect: directly)',
  ({ goesDirect }) => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('write' as const), length: fc.nat(2_500_000) }),
        fc.record({ type: fc.constant('write' as const), length: fc.nat(5000) }),
        fc.record({ type: fc.constant('fill' as const), length: fc.nat(1_300_000), spare: fc.nat(9000) }),
        fc.record({ type: fc.constant('flush' as const) }),
        fc.record({ type: fc.constant('truncate' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      ),
      { maxLength: 12 },
    )

    it('holds what was written to it, whatever was flushed and taken back on the way', async () => {
      let round = 0
      await fc.assert(
        fc.asyncProperty(steps, async (given) => {
          const name = join(folder, String(round++))
          const file = await StagedFile.create(name, goesDirect)
          let expected = Buffer.alloc(0)
          for (const [seed, step] of given.entries()) {
            if (step.type === 'flush') {
              await file.flush()
              expect((await readFile(name)).subarray(0, expected.length).equals(expected)).toBe(true)
            } else if (step.type === 'truncate') {
              const length = Math.floor(step.part * expected.length)
              await file.truncate(length)
              expected = expected.subarray(0, length)
            } else {
              const bytes = bytesOf(seed, step.length)
              if (step.type === 'write') {
                // The memory is the caller's again as soon as it is told so.
                const given = Buffer.from(bytes)
                await file.write(given)
                given.fill(0)
              } else {
                await file.fill(bytes.length + step.spare, (into, at) => at + bytes.copy(into, at))
              }
              expected = Buffer.concat([expected, bytes])
            }
            expect(file.bytes).toBe(expected.length)
          }
          await file.finish()
          expect((await readFile(name)).equals(expected)).toBe(true)
          await rm(name)
        }),
        { numRuns: 25 },
      )
    })

    it('gives its handles back', async () => {
      const file = await StagedFile.create(path, goesDirect)
      await file.write(bytesOf(1, 5_000_000))
      if (process.platform === 'linux') {
        expect((await flagsOfHandles()).length).toBe(goesDirect && (await canGoDirect()) ? 2 : 1)
      }
      await file.finish()
      expect(await flagsOfHandles()).toEqual([])
    })
  },
)

describe('a staged file that nobody reads soon', () => {
  it('is written past the cache where the system can do that', async ({ skip }) => {
    if (process.platform !== 'linux' || !(await canGoDirect())) skip('this system or this folder has no direct writes')
    const file = await StagedFile.create(path, true)
    await file.write(bytesOf(1, 5_000_000))
    expect((await flagsOfHandles()).some((flags) => (flags & O_DIRECT) !== 0)).toBe(true)
    await file.finish()
  })

  it('is written through the cache where the file system refuses direct writes', async () => {
    const prototype = await handlePrototype()
    const write = prototype.write
    let refused = 0
    const spy = vi.spyOn(prototype, 'write').mockImplementation(async function (this: FileHandle, ...given: unknown[]) {
      const info = await readFile(`/proc/self/fdinfo/${this.fd}`, 'utf8').catch(() => '')
      if ((Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '0', 8) & O_DIRECT) !== 0) {
        refused += 1
        throw Object.assign(new Error('invalid argument'), { code: 'EINVAL' })
      }
      return Reflect.apply(write, this, given)
    } as typeof write)
    const bytes = bytesOf(3, 7_000_001)
    try {
      const file = await StagedFile.create(path, true)
      await file.write(bytes)
      await file.finish()
    } finally {
      spy.mockRestore()
    }
    // So many were under way when the first was refused.
    expect(refused).toBeLessThanOrEqual(2)
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  it('goes on after writes that took less than they were given', async () => {
    const prototype = await handlePrototype()
    const write = prototype.write
    const spy = vi.spyOn(prototype, 'write').mockImplementation(function (
      this: FileHandle,
      bytes: Uint8Array,
      at: number,
      length: number,
      position: number,
    ) {
      return Reflect.apply(write, this, [bytes, at, Math.min(length, 300_001), position])
    } as typeof write)
    const bytes = bytesOf(4, 5_000_000)
    try {
      const file = await StagedFile.create(path, true)
      await file.write(bytes)
      await file.finish()
    } finally {
      spy.mockRestore()
    }
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  it('tells what the disk refused, to the next write and again at its end', async () => {
    const prototype = await handlePrototype()
    const spy = vi.spyOn(prototype, 'write').mockImplementation(async () => {
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
    })
    const file = await StagedFile.create(path, true)
    try {
      const filled = async (): Promise<void> => {
        while (file.bytes < 1e8) await file.write(bytesOf(1, 1_000_000))
      }
      await expect(filled()).rejects.toThrow('no room')
      await expect(file.finish()).rejects.toThrow('no room')
    } finally {
      spy.mockRestore()
      await file.close()
    }
  })
})
