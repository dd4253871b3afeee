// Three pages of an invented company's annual report: headings, prose, a table of figures, a small bar chart.
import { rgb, StandardFonts } from 'pdf-lib'
import { GREY, newDocument, newSheet, numberPages, standardFont } from './sheet.mjs'

const SEA = rgb(0.16, 0.42, 0.53)

const CHAIR = [
  'Brindlemoor Ferries carried 412,600 passengers in 2025, more than in any year since the company was founded in 1961. Behind that number stands a winter timetable that no longer stops in November: for the first time the island of Skarrow was reached on every day of the year but four.',
  'We paid for that with a year of building. The slipway at Port Hessel was out of use for eleven weeks, and the replacement vessel that we chartered consumed a third more fuel than our own. The directors decided in March to bear this cost rather than to raise fares, and the loss of the second quarter is the price of that decision.',
  'On 9 September our second battery ferry, the Marsh Harrier, entered service. She crosses the sound in 31 minutes, makes so little noise that passengers have asked whether the engines had failed, and charges in the 14 minutes that the loading of vehicles takes anyway.',
  'I thank the 138 people who work for this company, and in particular the deck crew of the Curlew, who brought 62 school children safely ashore during the storm of 17 January.',
]
const OPERATIONS = [
  'We made 9,214 of 9,470 planned crossings, or 97.3 per cent. Of the 256 that were cancelled, 171 fell to weather, 58 to the works at Port Hessel, 19 to technical faults and 8 to illness of the crew.',
  'The Marsh Harrier and her older sister together used 1.9 gigawatt hours of shore power, which replaced 540,000 litres of marine diesel. The two remaining diesel ferries, Curlew and Sandpiper, will be sold once the charging mast on Skarrow is finished.',
]
const LESSONS = [
  'Online tickets now make up 71 per cent of sales; the ticket office at Hessel Quay will close at two in the afternoon from April.',
  'Bicycles are the fastest-growing cargo: 38,900 of them crossed in 2025, against 24,100 the year before, and the racks on the Curlew are full on every fine Saturday.',
  'A misread tide table grounded the Sandpiper for five hours on 2 June. Nobody was hurt. Two officers now sign the table before each first departure.',
]
const FIGURES = [
  ['Passenger fares', '6,184', '5,527'],
  ['Vehicles and freight', '3,911', '3,702'],
  ['Public service grant', '1,250', '1,250'],
  ['Other income', '342', '296'],
  ['Total income', '11,687', '10,775'],
  ['Crew and staff', '–5,106', '–4,820'],
  ['Fuel and shore power', '–1,934', '–2,217'],
  ['Chartered vessel', '–688', '0'],
  ['Maintenance and harbour dues', '–1,752', '–1,689'],
  ['Depreciation and interest', '–1,571', '–1,244'],
  ['Result before tax', '636', '805'],
]
const QUARTERS = [
  ['Q1', 118],
  ['Q2', -94],
  ['Q3', 447],
  ['Q4', 165],
]
const OUTLOOK = [
  'For 2026 the directors expect 430,000 passengers and a result of about 0.9 million crowns. The largest risk is the price of shore power, of which only half is fixed by contract until 2028.',
  'The board proposes a dividend of 1.20 crowns a share, unchanged, and asks the general meeting on 23 April 2026 to approve a loan of 7.5 million crowns for a third battery ferry, to be named Redshank.',
]

export async function annualReport() {
  const document = await newDocument({
    title: 'Brindlemoor Ferries: annual report 2025',
    author: 'Brindlemoor Ferries',
    subject: 'Annual report',
    language: 'en-GB',
  })
  const regular = await standardFont(document, StandardFonts.TimesRoman)
  const bold = await standardFont(document, StandardFonts.HelveticaBold)
  const sheet = newSheet(document, { regular, bold, size: 11.5 })

  sheet.newPage()
  sheet.page.drawRectangle({ x: 0, y: 806, width: 600, height: 40, color: SEA })
  sheet.title('Brindlemoor Ferries: Annual Report 2025')
  sheet.heading('A letter from the chair')
  for (const text of CHAIR) sheet.paragraph(text)
  sheet.paragraph('Ottilie Varga, chair of the board')

  sheet.newPage()
  sheet.heading('Operations')
  for (const text of OPERATIONS) sheet.paragraph(text)
  sheet.heading('What we learned')
  sheet.list(LESSONS)
  sheet.heading('Result by quarter, thousands of crowns')
  drawQuarters(sheet, regular)

  sheet.newPage()
  sheet.heading('Income and expenditure, thousands of crowns')
  const cells = [{ width: 277 }, { width: 90, right: true }, { width: 90, right: true }]
  sheet.table(cells, ['', '2025', '2024'], FIGURES, { strong: [4, 10] })
  sheet.heading('Outlook and proposals')
  for (const text of OUTLOOK) sheet.paragraph(text)

  numberPages(document, regular, (page, pages) => `Brindlemoor Ferries, annual report 2025, page ${page} of ${pages}`)
  return document
}

function drawQuarters(sheet, font) {
  const base = sheet.y - 150
  QUARTERS.forEach(([name, result], index) => {
    const x = 90 + index * 105
    const height = Math.abs(result) / 4
    sheet.page.drawRectangle({ x, y: result < 0 ? base - height : base, width: 52, height, color: SEA })
    font.draw(sheet.page, String(result).replace('-', '–'), {
      x: x + 14,
      y: base + Math.max(result / 4, 0) + 6,
      size: 10,
      color: GREY,
    })
    font.draw(sheet.page, name, { x: x + 18, y: base - 42, size: 10, color: GREY })
  })
  sheet.page.drawLine({ start: { x: 64, y: base }, end: { x: 531, y: base }, thickness: 0.7, color: GREY })
}
