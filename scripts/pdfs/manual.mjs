// A manual of 112 pages: cover, contents, and 108 pages whose sentences a seeded grammar makes.
import { rgb, StandardFonts } from 'pdf-lib'
import { CHAPTERS, SECTIONS, WORDS } from './manual-grammar.mjs'
import { newDocument, newSheet, numberPages, standardFont } from './sheet.mjs'

const SEED = 20261
const COVER_PAGES = 4
const BLUE = rgb(0.12, 0.3, 0.45)

export async function manual() {
  const document = await newDocument({
    title: "Fenwick 9 weather station: operator's manual",
    author: 'Fenwick Instruments',
    subject: 'Manual',
    language: 'en-GB',
  })
  const regular = await standardFont(document, StandardFonts.Helvetica)
  const bold = await standardFont(document, StandardFonts.HelveticaBold)
  const sheet = newSheet(document, { regular, bold, size: 10.5 })
  writeCover(sheet)
  writeContents(sheet)
  if (document.getPageCount() !== COVER_PAGES) throw new Error('The page numbers in the contents are wrong.')
  const random = newRandom(SEED)
  CHAPTERS.forEach((chapter, index) => {
    SECTIONS.forEach((section, at) => {
      sheet.newPage()
      writeSection(sheet, chapter, section, `${index + 1}.${at + 1}`, random)
    })
  })
  numberPages(document, regular, (page, pages) => `Fenwick 9 operator's manual, page ${page} of ${pages}`)
  return document
}

function writeCover(sheet) {
  sheet.newPage()
  sheet.page.drawRectangle({ x: 0, y: 560, width: 600, height: 300, color: BLUE })
  sheet.space(240)
  sheet.title('Fenwick 9 weather station', 30)
  sheet.title("Operator's manual, seventh edition", 18)
  sheet.paragraph(
    'The Fenwick 9 measures wind, rain, temperature, humidity and air pressure every ten minutes and sends the values by radio, for up to fourteen months without a visit.',
  )
  sheet.paragraph(
    'This manual has twelve chapters, one for each part of the station, and every chapter follows the same nine steps from unpacking to storage. Keep it in the pocket on the inside of the battery box.',
  )
  sheet.paragraph('Never climb the mast alone, and never when thunder has been heard within the last thirty minutes.')
}

function writeContents(sheet) {
  const firstPage = (chapter) => COVER_PAGES + 1 + chapter * SECTIONS.length
  const perPage = CHAPTERS.length / (COVER_PAGES - 1)
  CHAPTERS.forEach((chapter, index) => {
    if (index % perPage === 0) {
      sheet.newPage()
      if (index === 0) sheet.title('Contents')
    }
    sheet.heading(`${index + 1} ${chapter.name}`, 12)
    const rows = SECTIONS.map(({ title }, at) => [
      `${index + 1}.${at + 1}`,
      `${chapter.name}: ${title}`,
      String(firstPage(index) + at),
    ])
    sheet.table([{ width: 40 }, { width: 367 }, { width: 60, right: true }], ['', '', 'Page'], rows, { at: 7.5 })
  })
}

function writeSection(sheet, chapter, section, number, random) {
  const say = (template) => fill(template, chapter, number, random)
  sheet.title(`${number} ${chapter.name}: ${section.title}`, 16)
  sheet.paragraph(section.lead.map(say).join(' '))
  sheet.list(section.steps.map(say), (index) => `${index + 1}.`)
  sheet.paragraph(section.close.map(say).join(' '))
  const rows = shuffle(chapter.pieces, random).map((piece) => [
    piece,
    String(random(90) * 100 + 1000),
    `FW9-${random(9000) + 1000}`,
  ])
  sheet.heading(`Pieces of the ${chapter.part} that wear`, 11)
  sheet.paragraph('The last column names the part to order when a piece has served its hours.')
  sheet.table(
    [{ width: 247 }, { width: 130, right: true }, { width: 90, right: true }],
    ['Piece', 'Hours', 'Part'],
    rows,
  )
}

/** Replaces what stands in braces. Two pieces in one sentence are never the same one. */
function fill(template, chapter, number, random) {
  const pieces = shuffle(chapter.pieces, random)
  const text = template.replace(/\{(\w+)(?::([\w-]+))?\}/g, (_, name, detail) => {
    if (name === 'n') {
      const [low, high] = detail.split('-').map(Number)
      return String(low + random(high - low + 1))
    }
    if (name === 'piece') return pieces.pop()
    if (name === 'here') return number
    const word = WORDS[name] === undefined ? chapter[name] : WORDS[name][random(WORDS[name].length)]
    if (word === undefined) throw new Error(`The grammar has no {${name}}.`)
    return detail === 'lower' ? word[0].toLowerCase() + word.slice(1) : word
  })
  const spoken = text.replace(/\b(a) (?=[aeiou])/gi, '$1n ')
  return spoken[0].toUpperCase() + spoken.slice(1)
}

function shuffle(list, random) {
  const copy = [...list]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = random(last + 1)
    ;[copy[last], copy[other]] = [copy[other], copy[last]]
  }
  return copy
}

/** Whole numbers below a limit, the same sequence for the same seed (mulberry32). */
function newRandom(seed) {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit)
  }
}
