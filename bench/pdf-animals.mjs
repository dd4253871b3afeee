// Several hundred odd, damaged and hostile PDFs, all made from the example PDFs and one seed: the same each time.
import { createHash } from 'node:crypto'
import { deflateRawSync, deflateSync } from 'node:zlib'

/**
 * @typedef {object} Animal
 * @property {string} name of the file
 * @property {Buffer} bytes
 * @property {'accepted' | RegExp | undefined} fate a fate that is certain: accepted, or rejected with such a reason
 */

/** @param {Map<string, Buffer>} originals by name @returns {Animal[]} */
export function animals(originals, seed) {
  const random = numbersFrom(seed)
  const all = []
  const add = (name, bytes, fate) => all.push({ name, bytes: Buffer.from(bytes), fate })
  for (const [name, bytes] of originals) {
    const stem = name.replace(/\.pdf$/, '')
    for (const [what, damaged, fate] of damages(bytes, random)) add(`${stem} ${what}.pdf`, damaged, fate)
  }
  const [first, second] = [...originals.values()]
  for (let at = 1; at < 10; at += 1) {
    const cut = (from) => Math.floor((from.length * at) / 10)
    add(`spliced ${at}.pdf`, Buffer.concat([first.subarray(0, cut(first)), second.subarray(cut(second))]))
  }
  add('one after the other.pdf', Buffer.concat([first, second]))
  for (const animal of [...structures(), ...strangers(random)]) all.push(animal)
  for (const name of NAMES) add(name, first, 'accepted')
  return all
}

/** Letters that shells, templates, globs and terminals know, and those of other scripts. */
const NAMES = [
  'with blanks .pdf',
  ' leading.pdf',
  '-rf.pdf',
  "quote's.pdf",
  'double"quote.pdf',
  'new\nline.pdf',
  'tab\tstop.pdf',
  'bell\u0007.pdf',
  'escape\u001b[31mred.pdf',
  'größe.pdf',
  'gro\u0308ße.pdf',
  '東京 港湾.pdf',
  'עברית.pdf',
  '\u202efdp.exe.pdf',
  '🚢🌊.pdf',
  '{{file.path}}.pdf',
  '[a-z]{b,c}*?.pdf',
  '$HOME `id` $(id).pdf',
  'dots..pdf.pdf',
  '#%25&+=;.pdf',
  'CAPITALS.PDF',
  `${'long '.padEnd(200, 'x')}.pdf`,
]

function* damages(bytes, random) {
  for (const [index, share] of [0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.97, 0.99].entries())
    yield [`cut ${index}`, bytes.subarray(0, Math.floor(bytes.length * share))]
  for (const less of [1, 6, 20, 200]) yield [`cut by ${less}`, bytes.subarray(0, bytes.length - less)]
  for (const head of [1, 7, 1000]) yield [`headless ${head}`, bytes.subarray(head)]
  for (const flips of [1, 3, 10, 30, 100, 1000]) {
    const copy = Buffer.from(bytes)
    for (let flip = 0; flip < flips; flip += 1) copy[random(copy.length)] ^= 1 << random(8)
    yield [`flipped ${flips}`, copy]
  }
  for (const fill of [0, 32, 255]) {
    const copy = Buffer.from(bytes)
    const from = random(copy.length - 400)
    yield [`hole of ${fill}`, copy.fill(fill, from, from + 400)]
  }
  const text = bytes.toString('latin1')
  yield ['sent as text', Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')]
  yield ['line ends lost', Buffer.from(text.replaceAll('\r', '').replaceAll('\n', '\r'), 'latin1')]
  yield ['recoded', Buffer.from(text, 'utf8')]
  yield ['seven bits', bytes.map((byte) => byte & 127)]
  yield ['base64', bytes.toString('base64'), /is not a PDF: it is a text file/]
  yield ['after a page of headers', Buffer.concat([Buffer.from('X-Header: mail\r\n'.repeat(20)), bytes]), 'accepted']
  yield ['after much else', Buffer.concat([Buffer.alloc(5000, 'x'), bytes])]
  yield ['before a web page', Buffer.concat([bytes, Buffer.from('<html>Session expired</html>')]), 'accepted']
  yield ['before many zeros', Buffer.concat([bytes, Buffer.alloc(100_000)])]
  yield ['startxref 0', Buffer.from(text.replace(/startxref\s+\d+/, 'startxref\n0'), 'latin1')]
  yield ['startxref far', Buffer.from(text.replace(/startxref\s+\d+/, 'startxref\n99999999999'), 'latin1')]
  yield ['no startxref', Buffer.from(text.replace(/startxref\s+\d+/, ''), 'latin1')]
  yield ['no root', Buffer.from(text.replaceAll('/Root', '/Toor'), 'latin1')]
  yield ['no pages', Buffer.from(text.replaceAll('/Pages', '/Segap'), 'latin1')]
  yield ['no lengths', Buffer.from(text.replaceAll('/Length ', '/Lenght '), 'latin1')]
  yield ['long lengths', Buffer.from(text.replace(/\/Length (\d+)/g, '/Length 9$1'), 'latin1')]
  yield ['streams without end', Buffer.from(text.replaceAll('endstream', 'endstraem'), 'latin1')]
  yield ['objects without end', Buffer.from(text.replaceAll('endobj', ''), 'latin1')]
}

/** Files whose structure is the attack. */
function* structures() {
  const animal = (name, bytes, fate) => ({ name: `made ${name}.pdf`, bytes, fate })
  const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>'
  const catalog = '<< /Type /Catalog /Pages 2 0 R >>'
  const pages = (kids, count) => `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`
  yield animal('plain', pdf([catalog, pages('3 0 R', 1), page]), 'accepted')
  yield animal('count of a billion', pdf([catalog, pages('3 0 R', 1_000_000_000), page]))
  yield animal('count of less than nothing', pdf([catalog, pages('3 0 R', -5), page]))
  yield animal('count that is a text', pdf([catalog, pages('3 0 R', '(many)'), page]))
  yield animal('count of half a page', pdf([catalog, pages('3 0 R', 1.5), page]))
  yield animal('no kids', pdf([catalog, pages('', 0)]), /pages|damaged/)
  yield animal('kids that are not there', pdf([catalog, pages('7 0 R 8 0 R', 2)]))
  yield animal('kids that are their parents', pdf([catalog, pages('2 0 R', 1)]))
  yield animal('kids in a circle', pdf([catalog, pages('3 0 R', 5), pages('4 0 R', 5), pages('3 0 R 2 0 R', 5)]))
  yield animal('the catalog as a page', pdf([catalog, pages('1 0 R', 1)]))
  yield animal('a page of numbers', pdf([catalog, pages('3 0 R', 1), '42']))
  yield animal('a deep tree', pdf([catalog, ...chain(5000), '<< /Type /Page /MediaBox [0 0 9 9] >>']))
  yield animal('a thousand pages', pdf([catalog, pages(references(3, 1000), 1000), ...Array(1000).fill(page)]), /600/)
  yield animal('a wide tree', pdf([catalog, pages(references(3, 60_000), 60_000), ...Array(60_000).fill(page)]), /600/)
  yield animal('one page again and again', pdf([catalog, pages('3 0 R '.repeat(50_000), 50_000), page]))
  yield animal('brackets', pdf([catalog, pages('['.repeat(500_000), 1), page]))
  yield animal('dictionaries', pdf([catalog, `<< /Type /Pages /Kids ${'<< /A '.repeat(300_000)}`, page]))
  yield animal(
    'a long name',
    pdf([catalog, `<< /Type /Pages /${'N'.repeat(5_000_000)} 1 /Kids [3 0 R] /Count 1 >>`, page]),
  )
  yield animal(
    'an open text',
    pdf([catalog, `<< /Type /Pages /Kids [3 0 R] /Count 1 /T (${'('.repeat(2_000_000)} >>`, page]),
  )
  yield animal(
    'a length in a circle',
    pdf([catalog, pages('3 0 R', 1), page, '<< /Length 4 0 R >>\nstream\nx\nendstream']),
  )
  yield animal('an object in a circle', pdf([catalog, '3 0 R', '2 0 R']))
  yield animal('a million objects promised', pdf([catalog, pages('3 0 R', 1), page], { size: 1_000_000_000 }))
  yield animal(
    'an unknown cipher',
    pdf([catalog, pages('3 0 R', 1), page, '<< /Filter /Vault /V 9 >>'], { encrypt: true }),
    /encrypt/,
  )
  yield animal('no password', encrypted(''), /encrypted/)
  yield animal('a password', encrypted('secret'), /encrypted PDF that needs a password/)
  for (const [name, size] of [
    ['small', 1e6],
    ['large', 4e8],
  ]) {
    const bomb = deflateSync(Buffer.alloc(size), { level: 9 })
    yield animal(
      `a ${name} bomb of objects`,
      stream([catalog, pages('3 0 R', 1), page], '/Type /ObjStm /N 9 /First 9', bomb),
    )
    yield animal(`a ${name} bomb of references`, bombOfReferences(bomb))
    yield animal(
      `a ${name} bomb twice packed`,
      stream([catalog, pages('3 0 R', 1), page], '/Type /XRef /W [1 2 1] /Size 9', deflateSync(bomb), 2),
    )
    yield animal(
      `a ${name} bomb of drawing`,
      stream([catalog, pages('3 0 R', 1), page.replace('>>', '/Contents 4 0 R >>')], '', bomb),
    )
  }
  yield animal(
    'a version of the future',
    Buffer.from(
      pdf([catalog, pages('3 0 R', 1), page])
        .toString('latin1')
        .replace('1.7', '9.9'),
      'latin1',
    ),
  )
  yield animal('only a head', '%PDF-1.7\n')
  yield animal('a head and an end', '%PDF-1.7\n%%EOF\n')
  yield animal('a head and zeros', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(2_000_000)]))
  yield animal('a head and stars', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(20_000_000, '1 0 obj << ')]))
}

/** Files that are something else. */
function* strangers(random) {
  const noise = Buffer.from({ length: 300_000 }, () => 0).map(() => random(256))
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const zip = Buffer.concat([Buffer.from('PK\u0003\u0004\u0014\0\0\0\u0008\0', 'latin1'), deflateRawSync(noise)])
  const all = {
    nothing: ['', /is empty/],
    'a blank': [' ', /is not a PDF/],
    zeros: [Buffer.alloc(100_000), /is not a PDF/],
    noise: [noise, /is not a PDF/],
    'a text': ['Dear Sir or Madam,\n', /is not a PDF: it is a text file/],
    'a web page': ['<!doctype html><html><body>404 Not Found</body></html>', /is not a PDF: it is an HTML page/],
    'a picture': [png, /is a PNG image, but its name says that it is a PDF/],
    'an archive': [zip, /ZIP archive/],
    data: ['{"error": "rate limited"}', /is not a PDF: it is a text file/],
    'wide letters': [Buffer.from('\ufeff%PDF-1.7 but in UTF-16', 'utf16le'), /is not a PDF/],
    'a script': ['#!/bin/sh\nrm -rf /\n', /is not a PDF: it is a text file/],
    'a pointer': [
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      /is not a PDF: it is a text file/,
    ],
    postscript: ['%!PS-Adobe-3.0\nshowpage\n', /PostScript/],
  }
  for (const [name, [bytes, fate]] of Object.entries(all))
    yield { name: `really ${name}.pdf`, bytes: Buffer.from(bytes), fate }
}

function references(from, count) {
  return Array.from({ length: count }, (_, index) => `${from + index} 0 R`).join(' ')
}

/** Page trees one below the other, from object 2. */
function chain(length) {
  return Array.from({ length }, (_, index) => `<< /Type /Pages /Kids [${index + 3} 0 R] /Count 1 >>`)
}

/** Objects numbered from 1 as a PDF with a right cross-reference table. */
function pdf(objects, { size = objects.length + 1, encrypt = false } = {}) {
  const pieces = ['%PDF-1.7\n']
  let length = pieces[0].length
  const lines = objects.map((object, index) => {
    const piece = `${index + 1} 0 obj\n${object}\nendobj\n`
    const line = `${String(length).padStart(10, '0')} 00000 n \n`
    pieces.push(piece)
    length += piece.length
    return line
  })
  const cipher = encrypt ? ` /Encrypt ${objects.length} 0 R /ID [<00> <00>]` : ''
  pieces.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines.join('')}`)
  pieces.push(`trailer\n<< /Size ${size} /Root 1 0 R${cipher} >>\nstartxref\n${length}\n%%EOF\n`)
  return Buffer.from(pieces.join(''), 'latin1')
}

/** The objects, and after them one with a packed stream. */
function stream(objects, entries, bytes, times = 1) {
  const filter = Array(times).fill('/FlateDecode').join(' ')
  const text = `<< ${entries} /Filter [${filter}] /Length ${bytes.length} >>\nstream\n${bytes.toString('latin1')}\nendstream`
  return pdf([...objects, text])
}

/** Its cross-reference stream is the bomb, so whoever opens it has to unpack it. */
function bombOfReferences(bomb) {
  const head = `%PDF-1.7\n1 0 obj\n<< /Type /XRef /W [1 4 2] /Size 100000000 /Root 2 0 R /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n`
  return Buffer.concat([Buffer.from(head), bomb, Buffer.from('\nendstream\nendobj\nstartxref\n9\n%%EOF\n')])
}

/** In the oldest cipher of the standard: RC4 with 40 bits. */
function encrypted(password) {
  const padded = (text) => Buffer.concat([Buffer.from(text, 'latin1'), PADDING]).subarray(0, 32)
  const md5 = (bytes) => createHash('md5').update(bytes).digest()
  const id = md5('zoo')
  const owner = rc4(md5(padded('owner')).subarray(0, 5), padded(password))
  const key = md5(Buffer.concat([padded(password), owner, Buffer.from([252, 255, 255, 255]), id])).subarray(0, 5)
  const hex = (bytes) => `<${bytes.toString('hex')}>`
  const cipher = `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(rc4(key, PADDING))} /P -4 >>`
  const bytes = pdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>',
      cipher,
    ],
    { encrypt: true },
  )
  return Buffer.from(bytes.toString('latin1').replace('[<00> <00>]', `[${hex(id)} ${hex(id)}]`), 'latin1')
}

/** What the standard fills short passwords up with. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')

function rc4(key, data) {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (i, j) => {
    const held = state[i]
    state[i] = state[j]
    state[j] = held
  }
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + state[i] + key[i % key.length]) % 256
    swap(i, j)
  }
  let i = 0
  let j = 0
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) % 256
      j = (j + state[i]) % 256
      swap(i, j)
      return byte ^ state[(state[i] + state[j]) % 256]
    }),
  )
}

/** Whole numbers below a bound, from a seed (mulberry32). */
function numbersFrom(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
