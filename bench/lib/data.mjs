// Rows with a fixed seed: the same bytes on every machine and every day.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const CITIES = ['Köln', 'Paris', '東京', 'Oslo', 'São Paulo', 'Ghent', 'Lima', 'Zürich']
const WORDS =
  'the harbour lamp turns slowly over grey water while ferries wait for größere Züge and the tides of March'.split(' ')
export const COLUMNS = ['id', 'name', 'city', 'stars', 'note']

/** Numbers below a bound, one after the other (a linear congruential generator). */
function randomFrom(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** About 200 bytes each as JSON, half of them with a letter outside Latin-1. */
export function* rows(count, seed = 7) {
  const next = randomFrom(seed)
  for (let index = 0; index < count; index += 1) {
    const note = Array.from({ length: 12 + next(10) }, () => WORDS[next(WORDS.length)]).join(' ')
    yield {
      id: String(index).padStart(8, '0'),
      name: `Customer ${index}`,
      city: CITIES[next(CITIES.length)],
      stars: `${next(6)}`,
      note: `${note}, and "so" on`,
    }
  }
}

export function writeJsonl(path, count) {
  return write(path, rows(count), (row) => `${JSON.stringify(row)}\n`)
}

export function writeCsv(path, count) {
  const cell = (value) => `"${value.replaceAll('"', '""')}"`
  return write(
    path,
    rows(count),
    (row) => `${COLUMNS.map((name) => cell(row[name])).join(',')}\n`,
    `${COLUMNS.join(',')}\n`,
  )
}

async function write(path, values, format, head = '') {
  const out = createWriteStream(path, { highWaterMark: 1 << 22 })
  let piece = head
  for (const value of values) {
    piece += format(value)
    if (piece.length < 1 << 20) continue
    if (!out.write(piece)) await once(out, 'drain')
    piece = ''
  }
  out.end(piece)
  await once(out, 'finish')
}
