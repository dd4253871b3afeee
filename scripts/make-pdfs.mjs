// Writes the example PDFs to jobs/data/. The same bytes on every day and every machine, so a change of the texts shows up
// as a change of the files and nothing else does.
//
//   node scripts/make-pdfs.mjs           writes them
//   node scripts/make-pdfs.mjs --check   writes nothing; exit 1 if a committed file differs from what would be written
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { annualReport } from './pdfs/annual-report.mjs'
import { kestrelInvoice, moosgrundInvoice } from './pdfs/invoices.mjs'
import { harbourNews, saltMuseumLeaflet } from './pdfs/leaflets.mjs'
import { letter } from './pdfs/letter.mjs'
import { manual } from './pdfs/manual.mjs'
import { researchNote } from './pdfs/research-note.mjs'

const PDFS = {
  'annual-report': annualReport,
  'harbour-news-ja': harbourNews,
  'invoice-kestrel': kestrelInvoice,
  'invoice-moosgrund': moosgrundInvoice,
  'letter-quillan-rock': letter,
  'research-note': researchNote,
  'salt-museum-leaflet': saltMuseumLeaflet,
  'weather-station-manual': manual,
}

const folder = fileURLToPath(new URL('../jobs/data/', import.meta.url))
const check = process.argv.includes('--check')
await mkdir(folder, { recursive: true })
for (const [name, make] of Object.entries(PDFS)) {
  const document = await make()
  const bytes = await document.save({ addDefaultPage: false })
  const file = `${folder}${name}.pdf`
  if (check) {
    const committed = await readFile(file)
    if (committed.equals(bytes)) continue
    console.error(`jobs/data/${name}.pdf is not what scripts/make-pdfs.mjs makes. Run it without --check.`)
    process.exitCode = 1
  } else {
    await writeFile(file, bytes)
    console.log(`${name}.pdf: ${bytes.length} bytes, pages: ${document.getPageCount()}`)
  }
}
