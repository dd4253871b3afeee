// Sentences of a text, and a few of them that show which text it was.

import { seededNumbers } from '../state/seeded.ts'

const MAX_SENTENCE = 300
/** A document's megabytes are not read to quote three sentences. */
const MAX_READ = 200_000

/** The sentences as they stand in the text, white space made single. Headings and list lines count as sentences. */
export function sentencesOf(text: string): string[] {
  const read = text.length > MAX_READ ? text.slice(0, MAX_READ) : text
  const sentences: string[] = []
  for (const paragraph of paragraphsOf(read)) {
    let start = 0
    for (const { index, 0: end } of paragraph.matchAll(/[.!?。！？]["'”’)\]]? /g)) {
      const stop = index + end.length - 1
      sentences.push(shortened(paragraph.slice(start, stop)))
      start = stop + 1
    }
    if (start < paragraph.length) sentences.push(shortened(paragraph.slice(start)))
  }
  return sentences
}

/** Lines that a wrapped sentence was cut into are joined; other line ends are borders. */
function paragraphsOf(text: string): string[] {
  const paragraphs: string[] = []
  let open = ''
  for (const raw of text.split('\n')) {
    // Single spaces, which is most of them, are left alone.
    const line = raw.replace(/\s{2,}|[^\S ]/g, ' ').trim()
    const goesOn =
      open !== '' && !/[.!?:。！？]["'”’)\]]?$/.test(open) && (/^[\p{Ll}(]/u.test(line) || /[,;-]$/.test(open))
    if (line !== '' && goesOn) open = `${open} ${line}`
    else {
      if (open !== '') paragraphs.push(open)
      open = line
    }
  }
  if (open !== '') paragraphs.push(open)
  return paragraphs
}

function shortened(sentence: string): string {
  if (sentence.length <= MAX_SENTENCE) return sentence
  const end = sentence.lastIndexOf(' ', MAX_SENTENCE)
  return sentence.slice(0, end > 0 ? end : MAX_SENTENCE)
}

/**
 * All of the sentences if they fit into `characters`; else the first one, which names the subject of most texts, and
 * others drawn by `draw`, in the order of the text. At least one, however long it is.
 */
export function chooseSentences(sentences: readonly string[], characters: number, draw: string): string[] {
  const total = sentences.reduce((sum, sentence) => sum + sentence.length + 1, 0)
  if (total <= characters) return [...sentences]
  const chosen = new Set([0])
  let used = (sentences[0] as string).length + 1
  const next = seededNumbers(draw)
  for (let tries = 0; tries < 8; tries++) {
    const place = next() % sentences.length
    const length = (sentences[place] as string).length + 1
    if (chosen.has(place) || used + length > characters) continue
    chosen.add(place)
    used += length
  }
  return [...chosen].sort((a, b) => a - b).map((place) => sentences[place] as string)
}
