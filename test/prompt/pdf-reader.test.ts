import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, deflateRawSync, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPdfReader } from '../../src/prompt/pdf-reader.ts'
import { pdfOf } from './pdfs.ts'

let folder: string
const taskOf = (name: string) => ({ path: join(folder, name), name, size: 0, ranges: undefined })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'batchwright-pdfs-'))
  await writeFile(join(folder, 'good.pdf'), await pdfOf(['a', 'b']))
  await writeFile(join(folder, 'greedy.pdf'), greedyPdf())
  await writeFile(join(folder, 'drawing.pdf'), drawingPdf())
  await writeFile(join(folder, 'bomb.pdf'), bombPdf())
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Half a million objects without a table of them: small to write, large to hold. */
function greedyPdf(): Buffer {
  const objects = Array.from({ length: 500_000 }, (_, index) => `${index + 4} 0 obj\n[]\nendobj\n`).join('')
  const text = `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n${objects}trailer\n<< /Root 1 0 R /Size 4 >>\nstartxref\n0\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

/** One page with a drawing of millions of lines, as maps and plans have. */
function drawingPdf(): Buffer {
  const lines = deflateSync(Buffer.alloc(50_000_000, '0 0 m 1 1 l S\n'))
  const head = `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Filter /FlateDecode /Length ${lines.length} >>\nstream\n`
  const tail = '\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n0\n%%EOF\n'
  return Buffer.concat([Buffer.from(head), lines, Buffer.from(tail)])
}

/** Its table of objects is 400 MB long, packed into half a megabyte. */
function bombPdf(): Buffer {
  const piece = deflateRawSync(Buffer.alloc(4_000_000), { finishFlush: constants.Z_FULL_FLUSH })
  const bomb = Buffer.concat([Buffer.from([0x78, 0x9c]), ...new Array(100).fill(piece)])
  const head = `%PDF-1.7\n1 0 obj\n<< /Type /XRef /W [1 4 2] /Size 100000000 /Root 2 0 R /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n`
  return Buffer.concat([Buffer.from(head), bomb, Buffer.from('\nendstream\nendobj\nstartxref\n9\n%%EOF\n')])
}

describe('the thread that reads PDFs', () => {
  test('reads one after the other, however many are asked for at once', async () => {
    const reader = createPdfReader()
    const facts = await Promise.all(Array.from({ length: 20 }, () => reader.read(taskOf('good.pdf'))))
    expect(facts.map(({ pages }) => pages)).toEqual(Array.from({ length: 20 }, () => 2))
    await reader.close()
  })

  test('is given up when a PDF takes too long, and the next gets a new one', async () => {
    const reader = createPdfReader({ timeoutMs: 0.001 })
    for (const _ of [1, 2]) {
      await expect(reader.read(taskOf('greedy.pdf'))).rejects.toThrow(/^greedy\.pdf could not be read within/)
    }
    await reader.close()
  })

  test('knows the pages of a drawing, and does not wait for what is on them', async () => {
    const reader = createPdfReader()
    await reader.read(taskOf('good.pdf'))
    const start = performance.now()
    const facts = await reader.read(taskOf('drawing.pdf'))
    expect(performance.now() - start).toBeLessThan(4000)
    expect(facts.pages).toBe(1)
    expect(facts.textBytes).toBeUndefined()
    expect((await reader.read(taskOf('good.pdf'))).textBytes).toBe(2)
    await reader.close()
  })

  test('may not take more memory than it is allowed, and the process lives on', async () => {
    const reader = createPdfReader({ heapMb: 24 })
    await expect(reader.read(taskOf('greedy.pdf'))).rejects.toThrow('greedy.pdf could not be read in 24 MB of memory.')
    expect((await reader.read(taskOf('good.pdf'))).pages).toBe(2)
    await reader.close()
  })

  test('may not unpack more than it is allowed, and is stopped before its time is over', async () => {
    const reader = createPdfReader({ memoryMb: 100, timeoutMs: 60_000 })
    await expect(reader.read(taskOf('bomb.pdf'))).rejects.toThrow('bomb.pdf could not be read in 100 MB of memory.')
    expect((await reader.read(taskOf('good.pdf'))).pages).toBe(2)
    await reader.close()
  })

  test('keeps no process alive that has nothing else to do', async () => {
    const built = new URL('../../build/prompt/pdf-reader.js', import.meta.url).href
    const script = `const { createPdfReader } = await import(${JSON.stringify(built)})
      const { pages } = await createPdfReader().read(${JSON.stringify(taskOf('good.pdf'))})
      console.log(pages)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 20_000,
    })
    expect(stdout).toBe('2\n')
  })
})
