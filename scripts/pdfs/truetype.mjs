// Embeds a TrueType font in a PDF by its glyph numbers (Type0 over CIDFontType2), so that any script can be drawn and,
// through the ToUnicode map, read back as text. pdf-lib's own way needs a font engine; a subset needs only this.
import {
  beginText,
  endText,
  moveText,
  PDFHexString,
  PDFString,
  setFillingRgbColor,
  setFontAndSize,
  showText,
} from 'pdf-lib'

/** `name` is the font's PostScript name. The bytes are embedded whole: subset them first. */
export function embedTrueType(document, bytes, name) {
  const font = readTrueType(bytes)
  const reference = writeFont(document.context, font, bytes, `BATCHW+${name}`)
  const keys = new Map()

  function glyphs(text) {
    return [...text].map((character) => {
      const glyph = font.glyphs.get(character.codePointAt(0))
      if (glyph === undefined) {
        throw new Error(`${name} has no "${character}". Make the subset again: scripts/fonts/subset.py says how.`)
      }
      return glyph
    })
  }

  return {
    width: (text, size) => glyphs(text).reduce((sum, glyph) => sum + font.widths[glyph], 0) * (size / 1000),
    draw(page, text, { x, y, size, color }) {
      if (!keys.has(page)) keys.set(page, page.node.newFontDictionary(name, reference))
      page.pushOperators(
        beginText(),
        setFillingRgbColor(color.red, color.green, color.blue),
        setFontAndSize(keys.get(page), size),
        moveText(x, y),
        showText(PDFHexString.of(glyphs(text).map(hex4).join(''))),
        endText(),
      )
    },
  }
}

/** Code point → glyph, and each glyph's width in thousandths of the font's size. */
function readTrueType(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tables = new Map()
  for (let index = 0; index < view.getUint16(4); index++) {
    const entry = 12 + index * 16
    tables.set(String.fromCharCode(...bytes.subarray(entry, entry + 4)), view.getUint32(entry + 8))
  }
  const [head, hhea, hmtx, maxp, cmap] = ['head', 'hhea', 'hmtx', 'maxp', 'cmap'].map((tag) => tables.get(tag))
  const scale = 1000 / view.getUint16(head + 18)
  const measured = view.getUint16(hhea + 34)
  const widths = Array.from({ length: view.getUint16(maxp + 4) }, (_, glyph) =>
    Math.round(view.getUint16(hmtx + Math.min(glyph, measured - 1) * 4) * scale),
  )
  return {
    widths,
    glyphs: readCharacterMap(view, cmap),
    box: [36, 38, 40, 42].map((at) => Math.round(view.getInt16(head + at) * scale)),
    ascent: Math.round(view.getInt16(hhea + 4) * scale),
    descent: Math.round(view.getInt16(hhea + 6) * scale),
  }
}

/** Reads the segments of a format 4 table: enough for every character up to U+FFFF. */
function readCharacterMap(view, cmap) {
  const glyphs = new Map()
  for (let index = 0; index < view.getUint16(cmap + 2); index++) {
    const table = cmap + view.getUint32(cmap + 4 + index * 8 + 4)
    if (view.getUint16(table) !== 4) continue
    const doubled = view.getUint16(table + 6)
    for (let segment = 0; segment < doubled; segment += 2) {
      const end = view.getUint16(table + 14 + segment)
      const start = view.getUint16(table + 16 + doubled + segment)
      const delta = view.getUint16(table + 16 + doubled * 2 + segment)
      const offsetAt = table + 16 + doubled * 3 + segment
      const offset = view.getUint16(offsetAt)
      for (let code = start; code <= end && code !== 0xffff; code++) {
        const found = offset === 0 ? code : view.getUint16(offsetAt + offset + (code - start) * 2)
        const glyph = found === 0 ? 0 : (found + delta) & 0xffff
        if (glyph !== 0) glyphs.set(code, glyph)
      }
    }
  }
  if (glyphs.size === 0) throw new Error('The font has no character map of format 4.')
  return glyphs
}

function writeFont(context, font, bytes, name) {
  const file = context.register(context.flateStream(bytes, { Length1: bytes.length }))
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: name,
      Flags: 4,
      FontBBox: font.box,
      ItalicAngle: 0,
      Ascent: font.ascent,
      Descent: font.descent,
      CapHeight: font.ascent,
      StemV: 80,
      FontFile2: file,
    }),
  )
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: name,
      CIDSystemInfo: { Registry: PDFString.of('Adobe'), Ordering: PDFString.of('Identity'), Supplement: 0 },
      FontDescriptor: descriptor,
      W: [0, font.widths],
      CIDToGIDMap: 'Identity',
    }),
  )
  return context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: name,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(toUnicode(font.glyphs))),
    }),
  )
}

/** The map from glyph numbers back to text, in blocks of at most 100 as the format demands. */
function toUnicode(glyphs) {
  const entries = [...glyphs].map(([code, glyph]) => `<${hex4(glyph)}> <${hex4(code)}>`)
  const blocks = []
  for (let from = 0; from < entries.length; from += 100) {
    const block = entries.slice(from, from + 100)
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`)
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`
}

function hex4(number) {
  return number.toString(16).padStart(4, '0')
}
