import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, mkdir, mkdtemp, open, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAtomicFile, writeAtomically } from '../../src/disk/atomic-file.ts'

const BUILT = pathToFileURL(join(import.meta.dirname, '../../build/disk/atomic-file.js')).href

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batchwright-atomic-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Another process that runs a program over the built module; resolves with it when it prints its first line. */
async function otherProcess(program: string): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const text = `import { createAtomicFile, writeAtomically } from '${BUILT}'
const folder = ${JSON.stringify(folder)}
${program}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  return { child, ended }
}

const temporaries = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.includes('batchwright-tmp'))

describe('an atomic file', () => {
  it('appears whole, and not before it is committed', async () => {
    const file = await createAtomicFile(join(folder, 'a/b.txt'))
    await file.write(Buffer.from('one '))
    await file.write(Buffer.from('two'))
    expect(await readdir(join(folder, 'a'))).toHaveLength(1)
    await file.commit()
    await file.abort()
    expect(await readdir(join(folder, 'a'))).toEqual(['b.txt'])
    expect(await readFile(join(folder, 'a/b.txt'), 'utf8')).toBe('one two')
  })

  it('leaves nothing when it is given up, and what was there before', async () => {
    await writeAtomically(join(folder, 'a.txt'), 'before')
    const file = await createAtomicFile(join(folder, 'a.txt'))
    await file.write(Buffer.from('after'))
    await file.abort()
    expect(await readdir(folder)).toEqual(['a.txt'])
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('before')
  })

  it('does not appear when the disk refused a part of it, though it takes the rest', async () => {
    const handle = await open(join(folder, 'any'), 'w')
    const refuse = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'datasync').mockImplementation(async () => {
      throw new Error('no room')
    })
    await handle.close()
    const piece = Buffer.alloc(1 << 20)
    const file = await createAtomicFile(join(folder, 'a.txt'))
    try {
      const filled = async (): Promise<void> => {
        while (file.bytes < 1e9) await file.write(piece)
      }
      await expect(filled()).rejects.toThrow('no room')
      await expect(file.commit()).rejects.toThrow('no room')
    } finally {
      refuse.mockRestore()
      await file.abort()
    }
    expect(await readdir(folder)).toEqual(['any'])
  })

  it('has a name of its own for each writer in a process: none tears the other', async () => {
    const path = join(folder, 'a.txt')
    const files = await Promise.all([createAtomicFile(path), createAtomicFile(path), createAtomicFile(path)])
    for (let piece = 0; piece < 20; piece++) {
      for (const [at, file] of files.entries()) await file.write(Buffer.from(String(at).repeat(1000)))
    }
    for (const [at, file] of files.entries()) {
      await file.commit()
      expect(await readFile(path, 'utf8')).toBe(String(at).repeat(20_000))
    }
    expect(await readdir(folder)).toEqual(['a.txt'])
  })

  it('is written by two processes at once, and never read torn', async () => {
    const writer = (letter: string): string => `
process.stdout.write('ready\\n')
for (let round = 0; round < 60; round++) {
  const file = await createAtomicFile(folder + '/a.txt')
  for (let piece = 0; piece < 8; piece++) await file.write(Buffer.alloc(2000, '${letter}'))
  await file.commit()
}`
    const others = await Promise.all([otherProcess(writer('a')), otherProcess(writer('b'))])
    let areBusy = true
    const ended = Promise.all(others.map((other) => other.ended)).then((codes) => {
      areBusy = false
      return codes
    })
    const seen = new Set<string>()
    while (areBusy) seen.add(await readFile(join(folder, 'a.txt'), 'utf8').catch(() => 'a'.repeat(16_000)))
    expect(await ended).toEqual([0, 0])
    expect([...seen].filter((text) => !/^(a{16000}|b{16000})$/.test(text))).toEqual([])
    expect(await readdir(folder)).toEqual(['a.txt'])
  })

  it('takes away what a dead process left, of files and folders, and leaves a living one its own', async () => {
    const hold = `const file = await createAtomicFile(folder + '/a.txt')
await file.write(Buffer.from('half'))
process.stdout.write('ready\\n')
setInterval(() => undefined, 1000)`
    const dead = await otherProcess(hold)
    const living = await otherProcess(hold)
    dead.child.kill('SIGKILL')
    await dead.ended
    expect(await temporaries()).toHaveLength(2)
    await mkdir(
      join(folder, `.files.${hostOf((await temporaries())[0])}-${dead.child.pid}-00000000.batchwright-tmp/x`),
      {
        recursive: true,
      },
    )
    await writeAtomically(join(folder, 'other.txt'), 'whole')
    expect(await temporaries()).toEqual([expect.stringContaining(`-${living.child.pid}-`)])
    living.child.kill('SIGKILL')
    await living.ended
    const next = await otherProcess(`await writeAtomically(folder + '/a.txt', 'whole')
process.stdout.write('ready\\n')`)
    expect(await next.ended).toBe(0)
    expect((await readdir(folder)).sort()).toEqual(['a.txt', 'other.txt'])
  })

  it('leaves other hosts their files until they are silent for a week, and everybody else theirs', async () => {
    const [young, old] = ['.a.txt.00000000-1-00000000.batchwright-tmp', '.b.txt.00000000-1-00000000.batchwright-tmp']
    const others = [
      '.a.txt.batchwright-tmp',
      'batchwright-tmp',
      '.a.txt.00000000-x-00000000.batchwright-tmp',
      young,
      old,
    ]
    for (const name of others) await writeFile(join(folder, name), '')
    const weekAgo = Date.now() / 1000 - 8 * 24 * 3600
    await utimes(join(folder, old), weekAgo, weekAgo)
    await writeAtomically(join(folder, 'a.txt'), 'whole')
    expect((await readdir(folder)).sort()).toEqual(['a.txt', ...others.filter((name) => name !== old)].sort())
  })

  it('takes away what an earlier process with the same id left, and nothing that another thread of this one writes', async () => {
    const { child, ended } = await otherProcess(`const file = await createAtomicFile(folder + '/a.txt')
process.stdout.write('ready\\n')
setInterval(() => undefined, 1000)`)
    const [name = ''] = await temporaries()
    child.kill('SIGKILL')
    await ended
    const [now = '', earlier = ''] = ['a', 'b'].map(
      (letter) => `.${letter}.txt.${hostOf(name)}-${process.pid}-01000000.batchwright-tmp`,
    )
    for (const each of [now, earlier]) await writeFile(join(folder, each), 'x')
    const before = Date.now() / 1000 - process.uptime() - 5
    await utimes(join(folder, earlier), before, before)
    await writeAtomically(join(folder, 'other.txt'), 'whole')
    expect(await temporaries()).toEqual([now])
  })

  it('may have a name as long as names may be', async () => {
    const name = `${'é'.repeat(125)}.txt`
    await writeAtomically(join(folder, name), 'whole')
    expect(await readdir(folder)).toEqual([name])
  })
})

function hostOf(name: string | undefined): string {
  return /\.([0-9a-f]{8})-\d+-/.exec(name ?? '')?.[1] ?? ''
}
