// One page: a personal letter under a drawing made of vector shapes.
import { rgb, StandardFonts } from 'pdf-lib'
import { newDocument, newSheet, standardFont } from './sheet.mjs'

const NIGHT = rgb(0.1, 0.17, 0.3)
const SEA = rgb(0.2, 0.36, 0.48)
const WHITE = rgb(0.97, 0.97, 0.94)
const RED = rgb(0.74, 0.22, 0.18)
const GLOW = rgb(0.98, 0.85, 0.45)

const LETTER = [
  'Dear Mr Pellworm,',
  'Thank you for the parcel. The barometer arrived in one piece, and since Tuesday it has hung in the watch room between the tide clock and the photograph of your grandfather, who to my surprise wears the same moustache as the present cook.',
  'You asked what it is like out here now that the lamp looks after itself. The honest answer is that the keepers have become gardeners. The old oil store is full of tomatoes, the boathouse smells of onions, and on Sunday we ate the first melon ever ripened on Quillan Rock. It had the size of a fist and was divided into eleven parts.',
  'The seals came back on 3 October, nineteen of them, four more than last year. One has taken to sleeping on the helicopter pad, and the pilot has asked us, in writing, to reason with it.',
  "Please tell the Society that the fog bell is safe. We took it down before the November gales, and it stands in the chapel under a tarpaulin. If the members can pay for the oak frame, 640 crowns by the carpenter's estimate, it could ring again on Midsummer Eve.",
  'With warm regards from all four of us,',
  'Henrike Solberg\nQuillan Rock, 12 November 2025',
]

export async function letter() {
  const document = await newDocument({
    title: 'Letter from Quillan Rock',
    author: 'Henrike Solberg',
    subject: 'Letter',
    language: 'en-GB',
  })
  const regular = await standardFont(document, StandardFonts.TimesRoman)
  const bold = await standardFont(document, StandardFonts.TimesRomanBold)
  const sheet = newSheet(document, { regular, bold, size: 12, leading: 1.5, top: 555 })
  sheet.newPage()
  drawLighthouse(sheet.page)
  for (const text of LETTER) sheet.paragraph(text)
  return document
}

function drawLighthouse(page) {
  page.drawRectangle({ x: 64, y: 590, width: 467, height: 190, color: NIGHT })
  page.drawRectangle({ x: 64, y: 590, width: 467, height: 46, color: SEA })
  for (const [x, y] of [
    [110, 745],
    [168, 716],
    [236, 758],
    [405, 742],
    [452, 700],
    [498, 752],
    [140, 682],
    [476, 664],
  ]) {
    page.drawCircle({ x, y, size: 1.6, color: WHITE })
  }
  page.drawSvgPath('M 0 0 L 190 -26 L 190 30 Z', { x: 305, y: 730, color: GLOW, opacity: 0.45 })
  page.drawSvgPath('M 0 0 L -190 -26 L -190 30 Z', { x: 287, y: 730, color: GLOW, opacity: 0.45 })
  page.drawSvgPath('M -85 0 Q -60 -26 -30 -20 Q 0 -34 35 -22 Q 70 -24 90 0 Z', {
    x: 296,
    y: 622,
    color: rgb(0.2, 0.2, 0.2),
  })
  page.drawSvgPath('M -17 0 L -11 -84 L 11 -84 L 17 0 Z', { x: 296, y: 640, color: WHITE })
  page.drawSvgPath('M -15.2 -25 L -13.6 -48 L 13.6 -48 L 15.2 -25 Z', { x: 296, y: 640, color: RED })
  page.drawRectangle({ x: 282, y: 724, width: 28, height: 3, color: WHITE })
  page.drawRectangle({ x: 288, y: 727, width: 16, height: 11, color: GLOW })
  page.drawSvgPath('M -11 0 L 0 -10 L 11 0 Z', { x: 296, y: 738, color: RED })
}
