// A research note as journals print them: an abstract over the whole width, two columns, a table, numbered references.
import { StandardFonts } from 'pdf-lib'
import { newDocument, newSheet, numberPages, standardFont } from './sheet.mjs'

const ABSTRACT =
  'Abstract. We counted 8,431 hazel moths at twelve light traps in the Orlen valley over two seasons and compared the catch with moonlight, cloud and temperature. On clear nights within three days of the full moon the catch fell to 38 per cent of the seasonal mean; under closed cloud the moon had no effect that we could measure. Temperature at dusk explained more of the remaining variation than wind did.'
const SECTIONS = [
  [
    '1. Introduction',
    [
      'That light traps catch fewer moths under a full moon has been known since the first trapping campaigns [1], but two explanations compete. Either the moths fly less, or the lamp is simply a poorer contrast against a bright sky [2]. The two lead to different advice for those who monitor populations: in the first case the nights are truly quiet, in the second the animals are there and go unseen.',
      'The hazel moth, Corylomima vesperalis, is a good subject for the question, because it flies in a narrow window of ninety minutes after sunset and can be counted by a second, lightless method: the sugar rope [3].',
    ],
  ],
  [
    '2. Methods',
    [
      'Twelve traps with an 8 W lamp were set along the Orlen between 210 and 640 m above sea level and run on 94 nights from May to August in 2023 and 2024. A sugar rope of two metres hung forty metres from each trap. Counts were made blind: the person who counted did not know the phase of the moon.',
      'Cloud was read each quarter of an hour from a sky camera and classed as clear, broken or closed. We fitted a negative binomial model with night and trap as random effects; the code and all counts are in the supplement.',
    ],
  ],
  [
    '3. Results',
    [
      'The catch at the lamps followed the moon, the count at the ropes did not (Table 1). Within three days of the full moon and under a clear sky, a lamp caught 3.4 moths in a night against 9.0 in the seasonal mean, while the ropes showed 5.1 against 5.3.',
      'Each degree at dusk between 9 and 17 °C raised the catch by 11 per cent (95 % interval: 8 to 14). Above 17 °C the curve is flat. Wind below 4 m/s made no difference; above that we have only six nights.',
      'Trap 7, which stands under a street lamp put up in April 2024, caught almost nothing in the second season, moon or no moon. We left it in the analysis and give the results without it in the supplement.',
    ],
  ],
  [
    '4. Discussion',
    [
      'Our ropes speak for the second explanation: the moths fly, and the lamp loses its pull. A monitoring scheme that leaves out the bright nights therefore throws away good information about the ropes and keeps bad information about the lamps.',
      'We suggest a simple correction. Multiply the catch of a clear night by 2.6 within three days of the full moon and by 1.4 in the four days on either side; under closed cloud leave it as it is. Applied to the forty-year series of Halden [4], the correction removes two of the five apparent collapses.',
      'The main weakness of this note is its single valley. The second is that a sugar rope measures hunger as well as presence.',
    ],
  ],
  ['Acknowledgements', ['We thank the fire brigade of Orlenbruck, who returned trap 11 from the river twice.']],
]
const TABLE = [
  ['Full, clear', '3.4', '5.1', '14'],
  ['Full, closed', '8.7', '5.0', '9'],
  ['Half, clear', '6.5', '5.4', '22'],
  ['New, clear', '10.8', '5.5', '25'],
  ['New, closed', '9.3', '5.2', '24'],
]
const REFERENCES = [
  '[1] Ferrand, M. (1931). Moths and lamps, a first account. Annals of Field Entomology 4, 11–38.',
  '[2] Okafor, T. and Lindqvist, S. (1998). Contrast or quiescence? Light traps under the moon. Journal of Nocturnal Ecology 22, 201–219.',
  '[3] Baptiste, R. (2007). The sugar rope revisited. Methods in Insect Survey 13, 77–85.',
  '[4] Halden, K. (2021). Forty summers of moths at one window. Valley Naturalist 58, 3–47.',
  '[5] Imre, D. and Costa, L. (2016). Sky cameras for ecologists. Remote Notes 9, 140–152.',
]

export async function researchNote() {
  const document = await newDocument({
    title: 'Moonlight and the catch of the hazel moth',
    author: 'A. Thorsen, P. Adeyemi and J. Castellano',
    subject: 'Research note',
    language: 'en-GB',
  })
  const regular = await standardFont(document, StandardFonts.TimesRoman)
  const bold = await standardFont(document, StandardFonts.TimesRomanBold)
  const italic = await standardFont(document, StandardFonts.TimesRomanItalic)

  const sheet = newSheet(document, { regular, bold, size: 10 })
  sheet.newPage()
  sheet.title('Moonlight and the catch of the hazel moth: a two-season note from the Orlen valley', 19)
  sheet.paragraph('A. Thorsen, P. Adeyemi and J. Castellano. Institute for Valley Ecology, Orlenbruck.', {
    font: italic,
  })
  sheet.paragraph(ABSTRACT)
  sheet.columns([
    { x: 64, width: 222 },
    { x: 309, width: 222 },
  ])
  for (const [heading, paragraphs] of SECTIONS) {
    sheet.heading(heading, 11)
    for (const paragraph of paragraphs) sheet.paragraph(paragraph)
    if (heading.startsWith('3.')) {
      sheet.paragraph('Table 1. Mean count of moths in a night by moon and sky.', { font: italic, at: 9 })
      const cells = [{ width: 84 }, { width: 46, right: true }, { width: 46, right: true }, { width: 46, right: true }]
      sheet.table(cells, ['Moon, sky', 'Lamp', 'Rope', 'Nights'], TABLE)
    }
  }
  sheet.heading('References', 11)
  for (const reference of REFERENCES) sheet.paragraph(reference, { at: 9 })
  numberPages(document, regular, (page, pages) => `Orlen Valley Notes 12 (2025), page ${page} of ${pages}`)
  return document
}
