// PDFs that tests make themselves.

import { createHash } from 'node:crypto'
import { PDFDocument, PDFName, PDFString } from 'pdf-lib'

/** A PDF with these texts, one a page; with `links`, its first page links to all the others. */
export async function pdfOf(texts: readonly string[], options: { links?: boolean } = {}): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false })
  const pages = texts.map((text) => {
    const page = document.addPage([300, 300])
    page.drawText(text.slice(0, 40), { x: 20, y: 200, size: 12 })
    return page
  })
  const [first, ...others] = pages
  if (options.links === true && first !== undefined) {
    const links = others.map((page) =>
      document.context.obj({
        Type: 'Annot',
        Subtype: 'Link',
        Rect: [0, 0, 10, 10],
        P: first.ref,
        Dest: [page.ref, PDFName.of('Fit')],
      }),
    )
    const note = document.context.obj({
      Type: 'Annot',
      Subtype: 'Text',
      Rect: [0, 0, 9, 9],
      P: first.ref,
      Contents: PDFString.of('Kept'),
    })
    first.node.set(PDFName.of('Annots'), document.context.obj([...links, note]))
  }
  return document.save({ useObjectStreams: false })
}

/** A one-page PDF in the oldest encryption of the standard (RC4, 40 bits), which needs `password` to be opened. */
export function encryptedPdf(password: string): Uint8Array {
  const id = createHash('md5').update('batchwright').digest()
  const permissions = -4
  const owner = rc4(md5(padded('owner')).subarray(0, 5), padded(password))
  const flags = Buffer.alloc(4)
  flags.writeInt32LE(permissions)
  const key = md5(Buffer.concat([padded(password), owner, flags, id])).subarray(0, 5)
  const user = rc4(key, PADDING)
  const hex = (bytes: Uint8Array): string => `<${Buffer.from(bytes).toString('hex')}>`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>',
    `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P ${permissions} >>`,
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Encrypt 4 0 R /ID [${hex(id)} ${hex(id)}] >>\n`
  text += `startxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

/** What the standard fills short passwords up with. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')

function padded(password: string): Buffer {
  return Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32)
}

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}

function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (i: number, j: number): void => {
    const held = state[i] ?? 0
    state[i] = state[j] ?? 0
    state[j] = held
  }
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) % 256
    swap(i, j)
  }
  let i = 0
  let j = 0
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) % 256
      j = (j + (state[i] ?? 0)) % 256
      swap(i, j)
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) % 256] ?? 0)
    }),
  )
}
