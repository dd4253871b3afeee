import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArtifactMissingError, type ArtifactStore } from '../../src/artifact/artifact.ts'
import { createDirectoryArtifacts } from '../../src/artifact/directory.ts'
import { UserError } from '../../src/core/errors.ts'
import { pageMemory } from '../../src/disk/page-memory.ts'

const RUN = 'summarize-pdfs-20261122-071500-x7k2'
const NAME = 'requests/0003.1.plan'

let folder: string
let artifacts: ArtifactStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bw-artifacts-'))
  artifacts = createDirectoryArtifacts(join(folder, 'runs'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function write(name: string, ...pieces: Uint8Array[]): Promise<void> {
  const writer = await artifacts.create(RUN, name)
  for (const piece of pieces) await writer.write(piece)
  await writer.commit()
}

async function readAll(name: string, range?: { start: number; end: number }): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of artifacts.read(RUN, name, range)) pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('a folder of artifacts', () => {
  it('gives back what was written, whole or a range of it, in pieces of at most 1 MiB', async () => {
    const bytes = Buffer.alloc(2_500_000, 'abcdefg')
    await write(NAME, bytes.subarray(0, 10), bytes.subarray(10))
    expect((await readAll(NAME)).equals(bytes)).toBe(true)
    expect((await readAll(NAME, { start: 5, end: 1_500_000 })).equals(bytes.subarray(5, 1_500_000))).toBe(true)
    expect((await readAll(NAME, { start: 7, end: 7 })).length).toBe(0)
    const sizes: number[] = []
    for await (const piece of artifacts.read(RUN, NAME)) sizes.push(piece.length)
    expect(sizes).toEqual([1_048_576, 1_048_576, 402_848])
    expect(await artifacts.size(RUN, NAME)).toBe(2_500_000)
  })

  it('leaves pieces alone that the reader still holds', async () => {
    await write(NAME, Buffer.alloc(1_048_576, 'a'), Buffer.alloc(1_048_576, 'b'))
    const pieces: Uint8Array[] = []
    for await (const piece of artifacts.read(RUN, NAME)) pieces.push(piece)
    expect(pieces.map((piece) => String.fromCharCode(piece[0] ?? 0))).toEqual(['a', 'b'])
  })

  it('shows a file only once it is committed, and nothing of one that was given up', async () => {
    const writer = await artifacts.create(RUN, NAME)
    await writer.write(Buffer.from('half'))
    expect(writer.bytes).toBe(4)
    expect(await artifacts.size(RUN, NAME)).toBeUndefined()
    await writer.abort()
    expect(readdirSync(join(folder, 'runs', RUN, 'requests'))).toEqual([])
  })

  it('keeps the old content until the new one is complete', async () => {
    await write(NAME, Buffer.from('old'))
    const writer = await artifacts.create(RUN, NAME)
    await writer.write(Buffer.from('new'))
    expect((await readAll(NAME)).toString()).toBe('old')
    await writer.commit()
    await writer.abort()
    expect((await readAll(NAME)).toString()).toBe('new')
  })

  it('gives the same past the cache as through it, wherever a range begins and ends', async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 700_001 }, (_, at) => Math.imul(at, 2_654_435_761)).buffer)
    const writer = await artifacts.create(RUN, NAME, { goesDirect: true })
    for (let at = 0; at < bytes.length; at += 333_333) await writer.write(bytes.subarray(at, at + 333_333))
    await writer.commit()
    expect((await readAll(NAME)).equals(bytes)).toBe(true)
    const reader = await artifacts.open(RUN, NAME, { goesDirect: true })
    const page = pageMemory(3_000_000)
    const places = [page, page.subarray(4096), page.subarray(7), Buffer.alloc(200_000), undefined]
    for (const into of places) {
      for (const [start, end] of [
        [0, 100_000],
        [1, 150_001],
        [4096, 4097],
        [8191, 150_000],
        [bytes.length - 140_000, bytes.length],
      ] as const) {
        expect(Buffer.from(await reader.read(start, end, into)).equals(bytes.subarray(start, end))).toBe(true)
      }
      await expect(reader.read(bytes.length - 100_000, bytes.length + 1, into)).rejects.toThrow('cut short')
    }
    await reader.close()
  })

  it('reads many small ranges from one open file', async () => {
    await write(NAME, Buffer.from('0123456789'))
    const reader = await artifacts.open(RUN, NAME)
    expect(Buffer.from(await reader.read(2, 5)).toString()).toBe('234')
    expect(Buffer.from(await reader.read(9, 10)).toString()).toBe('9')
    await expect(reader.read(8, 12)).rejects.toThrow(/cut short: it ends after 10 bytes and at least 12/)
    await reader.close()
  })

  it('tells a missing file from a truncated one', async () => {
    await expect(readAll('requests/none')).rejects.toThrow(ArtifactMissingError)
    await expect(artifacts.open(RUN, 'requests/none')).rejects.toThrow(ArtifactMissingError)
    await write(NAME, Buffer.from('0123456789'))
    truncateSync(join(folder, 'runs', RUN, NAME), 4)
    await expect(readAll(NAME, { start: 0, end: 10 })).rejects.toThrow(/cut short/)
  })

  it('removes a file, then everything of a run, and neither minds what is already gone', async () => {
    await write(NAME, Buffer.from('x'))
    await write('results/0003.1.jsonl', Buffer.from('y'))
    await artifacts.remove(RUN, NAME)
    await artifacts.remove(RUN, NAME)
    expect(await artifacts.size(RUN, NAME)).toBeUndefined()
    expect(await artifacts.runs()).toEqual([RUN])
    await artifacts.removeRun(RUN)
    await artifacts.removeRun(RUN)
    expect(await artifacts.runs()).toEqual([])
  })

  it('lists runs and nothing else that lies in the folder', async () => {
    expect(await artifacts.runs()).toEqual([])
    await write(NAME, Buffer.from('x'))
    mkdirSync(join(folder, 'runs', '.hidden'))
    writeFileSync(join(folder, 'runs', 'notes.txt'), '')
    expect(await artifacts.runs()).toEqual([RUN])
  })

  it.each(['..', '.', '', '../x', 'a/b', 'a\\b', '/etc', 'a\0b', 'C:x'])('takes no run id such as %j', async (run) => {
    await expect(artifacts.removeRun(run)).rejects.toThrow(UserError)
    await expect(artifacts.size(run, NAME)).rejects.toThrow(UserError)
    expect(() => artifacts.read(run, NAME)).toThrow(UserError)
  })

  it.each(['../x', 'a/../../x', '/etc/passwd', 'a//b', '', 'a\\..\\b', '.hidden'])(
    'takes no name such as %j',
    async (name) => {
      await expect(artifacts.create(RUN, name)).rejects.toThrow('is no artifact name')
      await expect(artifacts.remove(RUN, name)).rejects.toThrow('is no artifact name')
    },
  )

  it('says which file could not be created, and why', async () => {
    writeFileSync(join(folder, 'runs'), 'a file stands where the folder should be')
    await expect(artifacts.create(RUN, NAME)).rejects.toThrow(/requests.0003\.1\.plan cannot be created/)
  })
})
