import { describe, expect, test } from 'vitest'
import { inspectPdf, measurePdf, PdfError, pdfPageTexts } from '../../src/core/pdf.ts'
import { encryptedPdf, pdfOf } from '../prompt/pdfs.ts'

const errorOf = async (bytes: Uint8Array): Promise<PdfError> => {
  const error = await inspectPdf(bytes).catch((thrown: unknown) => thrown)
  if (!(error instanceof PdfError)) throw new Error(`Not refused: ${JSON.stringify(error)}`)
  return error
}

describe('a PDF', () => {
  test('has pages and texts, and keeps its bytes', async () => {
    const bytes = await pdfOf(['First page', 'Second page', 'Third page'])
    const before = Buffer.from(bytes)
    expect(await inspectPdf(bytes)).toEqual({ pages: 3 })
    expect(await pdfPageTexts(bytes, 2)).toEqual(['First page', 'Second page'])
    expect(Buffer.from(bytes).equals(before)).toBe(true)
  })

  test('is measured by pages from all of it, because the first may be a title', async () => {
    const page = 'A page with forty letters, which is full.'.slice(0, 40)
    const bytes = await pdfOf(['', '', '', ...Array.from({ length: 17 }, () => page)])
    expect(await measurePdf(bytes, 5, () => undefined)).toBe((40 * 4 * 20) / 5)
    expect(await measurePdf(bytes, 100, () => undefined)).toBe(40 * 17)
  })

  test('is refused when it needs a password', async () => {
    const { reason, message } = await errorOf(encryptedPdf('secret'))
    expect([reason, message]).toEqual(['encrypted', 'is an encrypted PDF that needs a password'])
  })

  test('is refused when it is encrypted, even if it opens without a password', async () => {
    const { reason, message } = await errorOf(encryptedPdf(''))
    expect(reason).toBe('encrypted')
    expect(message).toContain('opens without a password')
  })

  test('is refused when it is cut off', async () => {
    const bytes = await pdfOf(['a', 'b', 'c', 'd'])
    const { reason, message } = await errorOf(bytes.subarray(0, 300))
    expect(reason).toBe('corrupt')
    expect(message).toBe('is a damaged PDF: its end is missing, it may be cut off')
  })

  test('is refused when nothing in it is whole', async () => {
    const text = Buffer.from(await pdfOf(['a'])).toString('latin1')
    const { message } = await errorOf(Buffer.from(text.replaceAll('/Pages', '/Segap'), 'latin1'))
    expect(message).toBe('is a damaged PDF: its list of pages cannot be found')
  })

  test('is encrypted also where the cipher is unknown', async () => {
    const text = Buffer.from(encryptedPdf('')).toString('latin1')
    const { reason, message } = await errorOf(Buffer.from(text.replace('/Standard', '/Stand3rd'), 'latin1'))
    expect([reason, message]).toEqual(['encrypted', 'is an encrypted PDF whose cipher is not known'])
  })

  test.each([
    ['another format', '<!doctype html><html>no PDF</html>'],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)).toString('latin1')],
  ])('is not %s', async (_, content) => {
    const { reason, message } = await errorOf(Buffer.from(content, 'latin1'))
    expect(reason).toBe('corrupt')
    expect(message).toMatch(/^is not a PDF: /)
  })

  test('is refused when it is empty as a file', async () => {
    expect(await errorOf(new Uint8Array(0))).toMatchObject({ reason: 'empty', message: 'is empty' })
  })
})
