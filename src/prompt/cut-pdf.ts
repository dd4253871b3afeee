// The one door to pdf-lib, which is loaded only when a job cuts PDFs.

import type { PDFDocument, PDFPage } from 'pdf-lib'

/**
 * A PDF of these pages only, by their positions from 0. The same bytes for the same input: no dates, no random ids.
 * Throws pdf-lib's errors for a PDF that it cannot read.
 */
export async function cutPdf(bytes: Uint8Array, positions: readonly number[]): Promise<Uint8Array> {
  const { PDFDocument, PDFName, PDFDict } = await import('pdf-lib')
  const source = await PDFDocument.load(bytes, { updateMetadata: false })
  for (const page of source.getPages()) dropReferences(page)
  const target = await PDFDocument.create({ updateMetadata: false })
  for (const page of await target.copyPages(source, [...positions])) target.addPage(page)
  return save(target)

  /** Whatever refers to another page would take that page along into the copy, where nobody sees it. */
  function dropReferences(page: PDFPage): void {
    page.node.delete(PDFName.of('B'))
    const annotations = page.node.Annots()
    if (annotations === undefined) return
    for (let index = annotations.size() - 1; index >= 0; index -= 1) {
      const annotation = annotations.lookup(index)
      if (!(annotation instanceof PDFDict)) continue
      annotation.delete(PDFName.of('P'))
      if (annotation.lookup(PDFName.of('Subtype')) === PDFName.of('Link')) annotations.remove(index)
    }
  }
}

function save(document: PDFDocument): Promise<Uint8Array> {
  return document.save({ addDefaultPage: false, updateFieldAppearances: false, useObjectStreams: true })
}
