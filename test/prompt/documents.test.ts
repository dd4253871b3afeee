import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectPdf, pdfPageTexts } from '../../src/core/pdf.ts'
import { openDocument } from '../../src/prompt/document-bytes.ts'
import { createDocumentReader, DocumentError, type DocumentReader } from '../../src/prompt/documents.ts'
import { gif, jpeg, png, webp } from './images.ts'
import { fakeModel } from './jobs.ts'
import { encryptedPdf, pdfOf } from './pdfs.ts'

let root: string
let runFolder: string
let reader: DocumentReader
const limits = { maxRequestBytes: 3_000_000 }

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'batchwright-documents-')))
  runFolder = join(root, '.batchwright/runs/one')
  reader = createDocumentReader({ root, runFolder: () => runFolder, model: fakeModel, limits })
})

afterAll(async () => {
  await reader.close()
  rmSync(root, { recursive: true, force: true })
})

/** What stands before the text that the text files share. */
const PREFIXES: Readonly<Record<string, string>> = { 'page.html': '<!doctype html>', bmw: 'BM' }

const put = (name: string, content: Uint8Array | string): Promise<void> => writeFile(join(root, name), content)
const inspect = (path: string, pages?: string) => reader.inspect(path, pages === undefined ? {} : { pages })

async function refusalOf(path: string, pages?: string): Promise<string> {
  const error = await inspect(path, pages).catch((thrown: unknown) => thrown)
  if (!(error instanceof DocumentError)) throw new Error(`Not refused: ${JSON.stringify(error)} ${String(error)}`)
  return error.message
}

describe('documents that can be sent', () => {
  test('are PDFs, with their pages and digest', async () => {
    const bytes = await pdfOf(['one', 'two'])
    await put('good.pdf', bytes)
    expect(await inspect('good.pdf')).toEqual({
      path: 'good.pdf',
      base: 'root',
      kind: 'pdf',
      mediaType: 'application/pdf',
      size: bytes.length,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      encoding: 'base64',
      bytes: Buffer.from(bytes).toString('base64').length,
      pages: 2,
      textBytes: 6,
    })
  })

  test('are PDFs with something before their header', async () => {
    await put('late.pdf', Buffer.concat([Buffer.from('\n\nHTTP/1.1 200 OK\n'), await pdfOf(['one'])]))
    expect(await inspect('late.pdf')).toMatchObject({ kind: 'pdf', pages: 1 })
  })

  test.each([
    ['image/png', 'a.png', png(300, 200)],
    ['image/gif', 'a.gif', gif(300, 200)],
    ['image/webp', 'a.webp', webp(300, 200)],
    ['image/jpeg', 'a.JPG', jpeg(300, 200)],
    ['image/png', 'no-ending', png(300, 200)],
  ])('are images: %s in %s', async (mediaType, name, bytes) => {
    await put(name, bytes)
    expect(await inspect(name)).toMatchObject({ kind: 'image', mediaType, width: 300, height: 200, encoding: 'base64' })
  })

  test.each([
    ['plain.txt', Buffer.from('Grüße "quoted"\n\u0001')],
    ['bom.md', Buffer.from('\ufeffGrüße "quoted"\n\u0001')],
    ['wide.txt', Buffer.from('\ufeffGrüße "quoted"\n\u0001', 'utf16le')],
    ['wide-be.txt', Buffer.from('\ufeffGrüße "quoted"\n\u0001', 'utf16le').swap16()],
    ['page.html', Buffer.from('<!doctype html>Grüße "quoted"\n\u0001')],
    ['bmw', Buffer.from('BMGrüße "quoted"\n\u0001')],
  ])('are texts: %s', async (name, bytes) => {
    await put(name, bytes)
    const ref = await inspect(name)
    expect(ref).toMatchObject({ kind: 'text', mediaType: 'text/plain', encoding: 'text', size: bytes.length })
    const chunks = []
    for await (const chunk of openDocument(ref, { root, run: runFolder })) chunks.push(chunk)
    const json = Buffer.concat(chunks).toString('utf8')
    expect(JSON.parse(`"${json}"`)).toBe(`${PREFIXES[name] ?? ''}Grüße "quoted"\n\u0001`)
    expect(ref.bytes).toBe(Buffer.byteLength(json))
  })
})

describe('documents that cannot be sent', () => {
  beforeAll(async () => {
    const pdf = await pdfOf(['a', 'b', 'c', 'd', 'e', 'f'])
    await mkdir(join(root, 'folder'), { recursive: true })
    await Promise.all([
      put('secret.pdf', encryptedPdf('secret')),
      put('locked.pdf', encryptedPdf('')),
      put('long.pdf', pdf),
      put('cut-off.pdf', pdf.subarray(0, 400)),
      put('junk.pdf', Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 7919 + 3) % 253))),
      put('page.pdf', '<html><body>Not found</body></html>'),
      put('notes.pdf', 'only notes'),
      put('annual.pdf', png(10, 10)),
      put('photo.jpg', png(10, 10)),
      put('notes.txt', png(10, 10)),
      put('report.txt', await pdfOf(['x'])),
      put('empty.pdf', ''),
      put('blank.txt', ' \n\t'),
      put('latin1.txt', Buffer.from('Gr\xfc\xdfe aus Wien', 'latin1')),
      put(
        'latin1-late',
        Buffer.from(`${'ä'.repeat(50_000)}\xff`, 'utf8')
          .subarray(0, 100_001)
          .fill(0xff, 100_000),
      ),
      put('nul.txt', Buffer.from('a\0b')),
      put('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
      put('drawing', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
      put('scan.tiff', Buffer.concat([Buffer.from('II*\0', 'latin1'), Buffer.alloc(60)])),
      put('letter.docx', Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(60)])),
      put('large.png', Buffer.concat([png(10, 10), Buffer.alloc(2_999_000)])),
      put('wide.png', png(9000, 10)),
      put('damaged.gif', gif(0, 0)),
      put('large.txt', 'x'.repeat(3_000_001)),
      put('escaped.txt', '"'.repeat(2_000_000)),
      put('sumary.txt', 'x'),
    ])
  })

  test.each([
    ['secret.pdf', /^secret\.pdf is an encrypted PDF that needs a password\.$/],
    ['locked.pdf', /^locked\.pdf is an encrypted PDF; it opens without a password/],
    ['long.pdf', /^long\.pdf has 6 pages; fake-1 takes at most 5 in one request\.$/],
    ['cut-off.pdf', /^cut-off\.pdf is a damaged PDF: /],
    ['junk.pdf', /^junk\.pdf is not a PDF: its bytes are those of no kind of file that we know\.$/],
    ['page.pdf', /^page\.pdf is not a PDF: it is an HTML page\.$/],
    ['notes.pdf', /^notes\.pdf is not a PDF: it is a text file\.$/],
    ['annual.pdf', /^annual\.pdf is a PNG image, but its name says that it is a PDF\.$/],
    ['photo.jpg', /^photo\.jpg is a PNG image, but its name says that it is a JPEG image\.$/],
    ['notes.txt', /^notes\.txt is a PNG image, but its name says that it is a text file\.$/],
    ['report.txt', /^report\.txt is a PDF, but its name says that it is a text file\.$/],
    ['empty.pdf', /^empty\.pdf is empty\.$/],
    ['blank.txt', /^blank\.txt holds nothing but blanks\.$/],
    ['latin1.txt', /^latin1\.txt is not UTF-8 text: the byte at offset 2 \(0xfc\) does not belong there\.$/],
    ['latin1-late', /^latin1-late is not UTF-8 text: the byte at offset 100,000 \(0xff\) does not belong there\.$/],
    ['nul.txt', /^nul\.txt is no text: there is a NUL byte at offset 1\.$/],
    ['drawing.svg', /^drawing\.svg is an SVG image, which cannot be sent\.$/],
    ['drawing', /^drawing is an SVG image, which cannot be sent\.$/],
    ['scan.tiff', /^scan\.tiff is a TIFF image, which cannot be sent\.$/],
    ['letter.docx', /^letter\.docx is a ZIP archive, which cannot be sent\.$/],
    [
      'large.png',
      /^large\.png is 2,999,0\d\d bytes, 3,99\d,\d{3} as it is sent; a request may have at most 3,000,000\.$/,
    ],
    ['wide.png', /^wide\.png has 9000 × 10 pixels; an image may have at most 8000 × 8000\.$/],
    ['damaged.gif', /^damaged\.gif is a damaged image: its width and height cannot be read\.$/],
    ['large.txt', /^large\.txt is 3,000,001 bytes, 3,000,001 as it is sent; a request may have at most 3,000,000\.$/],
    ['escaped.txt', /^escaped\.txt is 2,000,000 bytes, 4,000,000 as it is sent/],
    ['folder', /^folder is a folder\.$/],
    ['summary.txt', /^summary\.txt does not exist\. Did you mean sumary\.txt\?$/],
    ['nowhere/x.pdf', /^nowhere\/x\.pdf does not exist, and neither does its folder\.$/],
    ['good.pdf/x.pdf', /^good\.pdf\/x\.pdf does not exist, and neither does its folder\.$/],
    ['../../etc/passwd', /^The path "\.\.\/\.\.\/etc\/passwd" leads outside the project root/],
    ['/etc/passwd', /^The path "\/etc\/passwd" leads outside the project root/],
    ['a\0.pdf', /cannot be read/],
  ])('%s', async (path, expected) => {
    expect(await refusalOf(path)).toMatch(expected)
  })

  test('are images of more than 10 MB in base64, whatever a request may hold', async () => {
    const roomy = createDocumentReader({
      root,
      runFolder: () => runFolder,
      model: undefined,
      limits: { maxRequestBytes: 32e6 },
    })
    await put('huge.png', Buffer.concat([png(10, 10), Buffer.alloc(8_000_000)]))
    await expect(roomy.inspect('huge.png', {})).rejects.toThrow(/an image may have at most 10,485,760 in base64/)
    await roomy.close()
  })

  test('are PDFs for a model that reads none', async () => {
    const blind = createDocumentReader({
      root,
      runFolder: () => runFolder,
      model: { ...fakeModel, pdf: false },
      limits,
    })
    await put('fine.pdf', await pdfOf(['x']))
    await expect(blind.inspect('fine.pdf', {})).rejects.toThrow('fine.pdf is a PDF, and fake-1 takes none.')
    await blind.close()
  })

  test('are links that lead out of the root', async () => {
    await symlink('/etc/passwd', join(root, 'link.txt'))
    expect(await refusalOf('link.txt')).toContain('leads outside the project root')
  })

  test('do not fit together', async () => {
    await put('three.pdf', await pdfOf(['a', 'b', 'c']))
    const pdf = await inspect('three.pdf')
    const image = await inspect('a.png')
    expect(reader.together([pdf])).toBeUndefined()
    expect(reader.together([pdf, image])).toBeUndefined()
    expect(reader.together([pdf, pdf])).toContain('have 6 pages together; fake-1 takes at most 5')
    expect(reader.together([image, image, image, image])).toContain('has 4 images; fake-1 takes at most 3')
    const many = createDocumentReader({ root, runFolder: () => runFolder, model: undefined, limits })
    const large = { ...image, width: 3000 }
    expect(many.together(Array.from({ length: 21 }, () => large))).toContain('with more than 20 images')
    expect(many.together(Array.from({ length: 20 }, () => large))).toBeUndefined()
  })
})

describe('pages of a PDF', () => {
  beforeAll(async () => {
    await put(
      'book.pdf',
      await pdfOf(['page one', 'page two', 'page three', 'page four', 'page five', 'page six'], { links: true }),
    )
  })

  test('are cut into a PDF of their own in the run folder', async () => {
    const ref = await inspect('book.pdf', '2,4-5')
    expect(ref).toMatchObject({ base: 'run', path: `documents/${ref.digest}.pdf`, pages: 3 })
    const bytes = await readFile(join(runFolder, ref.path))
    expect(bytes.length).toBe(ref.size)
    expect(await pdfPageTexts(bytes, 9)).toEqual(['page two', 'page four', 'page five'])
  })

  test('are the same bytes every time', async () => {
    const first = await inspect('book.pdf', '1-2')
    const again = createDocumentReader({
      root,
      runFolder: () => join(root, '.batchwright/runs/two'),
      model: fakeModel,
      limits,
    })
    expect((await again.inspect('book.pdf', { pages: '1-2' })).digest).toBe(first.digest)
    await again.close()
    expect(await readdir(join(root, '.batchwright/runs/two/documents'))).toEqual([`${first.digest}.pdf`])
  })

  test('do not take along the pages that they link to', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `page ${index} ${'filler '.repeat(4)}`)
    const whole = await pdfOf(texts, { links: true })
    await put('linked.pdf', whole)
    const one = await inspect('linked.pdf', '1')
    expect(one.size).toBeLessThan(whole.length / 5)
    const raw = (await readFile(join(runFolder, one.path))).toString('latin1')
    expect(await inspectPdf(Buffer.from(raw, 'latin1'))).toEqual({ pages: 1 })
  })

  test('may be more than there are, when the first of them exists', async () => {
    expect(await inspect('book.pdf', '2-50')).toMatchObject({ base: 'run', pages: 5 })
    await put('short.pdf', await pdfOf(['a', 'b']))
    expect(await inspect('short.pdf', '1-50')).toMatchObject({ base: 'root', path: 'short.pdf', pages: 2 })
  })

  test.each([
    ['7', /^book\.pdf has 6 pages, and page 7 is asked for\.$/],
    ['1,8-9', /^book\.pdf has 6 pages, and pages 8-9 are asked for\.$/],
    ['0-3', /^"0-3" are no pages\.$/],
    ['3-1', /^"3-1" are no pages\.$/],
    ['1-3,2', /^"1-3,2" are no pages\.$/],
    ['one', /^"one" are no pages\.$/],
    ['1,', /^"1," are no pages\.$/],
    ['1-6', /^book\.pdf has 6 pages; fake-1 takes at most 5/],
  ])('that do not exist or are no pages are refused: %s', async (pages, expected) => {
    expect(await refusalOf('book.pdf', pages)).toMatch(expected)
  })

  test('are for PDFs only', async () => {
    expect(await refusalOf('a.png', '1')).toBe('a.png is no PDF, and pages is for PDFs only.')
  })
})

describe('a file that many rows name', () => {
  test('is looked at once, until it changes', async () => {
    await put('shared.txt', 'one')
    const refs = await Promise.all(Array.from({ length: 1000 }, () => inspect('shared.txt')))
    expect(new Set(refs).size).toBe(1)
    await put('next.txt', 'two')
    await rename(join(root, 'next.txt'), join(root, 'shared.txt'))
    await utimes(join(root, 'shared.txt'), 1, 1)
    expect((await inspect('shared.txt')).digest).not.toBe(refs[0]?.digest)
  })

  test('is refused once, too: the same error for every row', async () => {
    const [one, two] = await Promise.allSettled([inspect('cut-off.pdf'), inspect('cut-off.pdf')])
    expect(one).toMatchObject({ status: 'rejected' })
    expect((one as PromiseRejectedResult).reason).toBe((two as PromiseRejectedResult).reason)
  })
})
