// Two invoices: one in English that runs over two pages, one in German with two rates of tax. All sums are computed.
import { StandardFonts } from 'pdf-lib'
import { newDocument, newSheet, numberPages, standardFont } from './sheet.mjs'

/** Description, quantity, price in cents. */
const LENSES = [
  ['Achromatic doublet, 25 mm, f = 100 mm', 12, 4850],
  ['Achromatic doublet, 25 mm, f = 200 mm', 8, 4850],
  ['Achromatic doublet, 50 mm, f = 150 mm', 4, 9720],
  ['Plano-convex lens, 25 mm, f = 50 mm', 20, 2110],
  ['Plano-convex lens, 25 mm, f = 75 mm', 20, 2110],
  ['Plano-convex lens, 50 mm, f = 100 mm', 10, 3940],
  ['Bi-concave lens, 25 mm, f = -50 mm', 6, 2385],
  ['Cylindrical lens, 20 x 40 mm, f = 60 mm', 5, 6690],
  ['Aspheric condenser, 30 mm', 3, 5425],
  ['Beam splitter cube, 50:50, 25.4 mm', 4, 16400],
  ['Beam splitter plate, 70:30, 25 x 36 mm', 2, 11850],
  ['Right-angle prism, 20 mm', 7, 5260],
  ['Pentaprism, 15 mm, coated', 2, 18975],
  ['Equilateral prism, SF11, 30 mm', 3, 14280],
  ['Silver mirror, 25 mm, protected', 16, 4590],
  ['Silver mirror, 50 mm, protected', 6, 8830],
  ['Concave mirror, 50 mm, f = 250 mm', 2, 13260],
  ['Neutral density filter set, 6 pieces', 3, 21500],
  ['Band-pass filter, 532 nm, 10 nm wide', 2, 19640],
  ['Long-pass filter, 600 nm', 4, 8310],
  ['Linear polariser, 25 mm, mounted', 9, 7745],
  ['Quarter-wave plate, 633 nm', 2, 24900],
  ['Diffuser, ground glass, 120 grit', 15, 1325],
  ['Diffraction grating, 600 lines per mm', 5, 9130],
  ['Diffraction grating, 1200 lines per mm', 5, 10460],
  ['Pinhole, 50 micrometres, mounted', 8, 6180],
  ['Iris diaphragm, 1 to 20 mm', 10, 4475],
  ['Kinematic mirror mount, 25 mm', 16, 6825],
  ['Lens mount with retaining ring, 25 mm', 30, 2260],
  ['Translation stage, 25 mm travel', 3, 31800],
  ['Rotation mount, engraved scale', 4, 12950],
  ['Optical post, 75 mm', 40, 845],
  ['Post holder with base', 40, 1530],
  ['Optical rail, 500 mm', 4, 9875],
  ['Rail carrier, 40 mm', 16, 2690],
  ['Lens tissue, book of 50 sheets', 12, 390],
]
const OFFICE = [
  ['Moorhonig, Glas 500 g', 48, 620, 7],
  ['Heidelbeersaft, Flasche 0,75 l', 36, 485, 7],
  ['Torffreie Anzuchterde, Sack 20 l', 25, 940, 19],
  ['Birkenholzkiste mit Brandzeichen', 12, 1790, 19],
  ['Versand per Spedition, eine Palette', 1, 7400, 19],
]

export async function kestrelInvoice() {
  const document = await newDocument({
    title: 'Invoice KO-2026-0417',
    author: 'Kestrel Optics Ltd',
    subject: 'Invoice',
    language: 'en-GB',
  })
  const { sheet, regular } = await invoiceSheet(document)
  sheet.title('Invoice KO-2026-0417')
  sheet.paragraph('Kestrel Optics Ltd, 4 Prism Yard, Cardigan SA43 1ZZ, Wales. VAT number GB 000 4417 29.')
  sheet.paragraph('Bill to: University of Thornby, Department of Physics, 18 Observatory Road, Thornby TH2 6QD.')
  sheet.paragraph(
    'Invoice date 17 April 2026. Due date 17 May 2026. Your order PHY-88213. Currency: pounds sterling (GBP).',
  )
  const cells = [
    { width: 36 },
    { width: 243 },
    { width: 44, right: true },
    { width: 68, right: true },
    { width: 76, right: true },
  ]
  const rows = LENSES.map(([name, quantity, price], index) => [
    String(index + 1).padStart(3, '0'),
    name,
    String(quantity),
    money(price, 'en'),
    money(price * quantity, 'en'),
  ])
  sheet.table(cells, ['Line', 'Description', 'Qty', 'Unit price', 'Amount'], rows)
  const net = sum(LENSES)
  const vat = Math.round(net * 0.2)
  sheet.table(
    [{ width: 320 }, { width: 147, right: true }],
    ['Summary', ''],
    [
      ['Net amount', money(net, 'en')],
      ['VAT at 20 %', money(vat, 'en')],
      ['Total due, GBP', money(net + vat, 'en')],
    ],
    { strong: [2] },
  )
  sheet.paragraph('Please pay within 30 days to account 70004417, sort code 00-44-17, quoting KO-2026-0417.')
  sheet.paragraph(
    'Line 022 is shipped separately: the quarter-wave plates are cut to order and leave our workshop on 4 May.',
  )
  numberPages(document, regular, (page, pages) => `Kestrel Optics Ltd, invoice KO-2026-0417, page ${page} of ${pages}`)
  return document
}

export async function moosgrundInvoice() {
  const document = await newDocument({
    title: 'Rechnung 2026-118',
    author: 'Hofladen Moosgrund',
    subject: 'Rechnung',
    language: 'de-DE',
  })
  const { sheet, regular } = await invoiceSheet(document)
  sheet.title('Rechnung Nr. 2026-118')
  sheet.paragraph(
    'Hofladen Moosgrund, Inhaberin Friederike Ahlers, Am Torfstich 3, 27777 Ganderkesee. Steuernummer 57/004/11800.',
  )
  sheet.paragraph('An: Gästehaus Zur alten Schleuse, Deichstraße 21, 26919 Brake.')
  sheet.paragraph(
    'Rechnungsdatum 05.06.2026, Lieferdatum 02.06.2026, zahlbar bis 19.06.2026. Alle Beträge in Euro (EUR).',
  )
  const cells = [
    { width: 223 },
    { width: 50, right: true },
    { width: 70, right: true },
    { width: 50, right: true },
    { width: 74, right: true },
  ]
  const rows = OFFICE.map(([name, quantity, price, rate]) => [
    name,
    String(quantity),
    money(price, 'de'),
    `${rate} %`,
    money(price * quantity, 'de'),
  ])
  sheet.table(cells, ['Artikel', 'Menge', 'Einzelpreis', 'USt.', 'Betrag'], rows)
  const net = sum(OFFICE)
  const reduced = Math.round(sum(OFFICE.filter((line) => line[3] === 7)) * 0.07)
  const full = Math.round(sum(OFFICE.filter((line) => line[3] === 19)) * 0.19)
  sheet.table(
    [{ width: 320 }, { width: 147, right: true }],
    ['Summe', ''],
    [
      ['Nettobetrag', money(net, 'de')],
      ['Umsatzsteuer 7 %', money(reduced, 'de')],
      ['Umsatzsteuer 19 %', money(full, 'de')],
      ['Rechnungsbetrag, EUR', money(net + reduced + full, 'de')],
    ],
    { strong: [3] },
  )
  sheet.paragraph(
    'Bitte überweisen Sie den Betrag ohne Abzug. Die Birkenholzkisten nehmen wir gegen Gutschrift zurück.',
  )
  sheet.paragraph(
    'Der Moorhonig stammt in diesem Jahr von den Völkern am Hengstmoor und ist deshalb dunkler als gewohnt.',
  )
  numberPages(document, regular, (page, pages) => `Hofladen Moosgrund, Rechnung 2026-118, Seite ${page} von ${pages}`)
  return document
}

async function invoiceSheet(document) {
  const regular = await standardFont(document, StandardFonts.Helvetica)
  const bold = await standardFont(document, StandardFonts.HelveticaBold)
  const sheet = newSheet(document, { regular, bold, size: 10.5 })
  sheet.newPage()
  return { sheet, regular }
}

function sum(lines) {
  return lines.reduce((total, [, quantity, price]) => total + quantity * price, 0)
}

/** 1234567 cents → 12,345.67 or 12.345,67. */
function money(cents, language) {
  const [group, point] = language === 'de' ? ['.', ','] : [',', '.']
  const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, group)
  return `${whole}${point}${String(cents % 100).padStart(2, '0')}`
}
