// Sets text on pages: fonts, line breaking, headings, paragraphs, lists and tables, for the example PDFs.
import { PDFDocument, rgb } from 'pdf-lib'

export const INK = rgb(0.13, 0.14, 0.17)
export const GREY = rgb(0.45, 0.47, 0.5)
export const RULE = rgb(0.78, 0.8, 0.82)
export const A4 = [595.28, 841.89]

/** An empty document without dates: the same script makes the same bytes on every day. */
export async function newDocument({ title, author, subject, language }) {
  const document = await PDFDocument.create({ updateMetadata: false })
  document.setTitle(title, { showInWindowTitleBar: true })
  document.setAuthor(author)
  document.setSubject(subject)
  document.setLanguage(language)
  document.setProducer('batchwright example data')
  return document
}

/** One of the fourteen fonts that every viewer has. Covers Western European text only. */
export async function standardFont(document, name) {
  const font = await document.embedFont(name)
  return {
    width: (text, size) => font.widthOfTextAtSize(text, size),
    draw: (page, text, { x, y, size, color }) => page.drawText(text, { x, y, size, color, font }),
  }
}

/**
 * A cursor that fills one column after the other, page after page. `top` and `bottom` are distances from the page's
 * lower edge in points. Every method moves the cursor down and returns nothing.
 */
export function newSheet(document, { regular, bold, size = 10.5, leading = 1.45, top = 770, bottom = 70 }) {
  let areas = [{ x: 64, width: A4[0] - 128 }]
  let page
  let column = 0
  let y = 0
  /** Where columns begin on the page that they were set on; on all later pages at the top. */
  let begin = { page: undefined, y: top }

  function nextColumn() {
    column += 1
    if (page === undefined || column >= areas.length) {
      page = document.addPage(A4)
      column = 0
    }
    y = page === begin.page ? begin.y : top
  }

  /** Makes sure that `height` points are free below the cursor. */
  function reserve(height) {
    if (page === undefined || y - height < bottom) nextColumn()
  }

  function lines(text, { font = regular, at = size, indent = 0, color = INK, gap = leading } = {}) {
    for (const line of breakLines(text, areas[0].width - indent, font, at)) {
      reserve(at * gap)
      y -= at * gap
      font.draw(page, line, { x: areas[column].x + indent, y, size: at, color })
    }
  }

  return {
    get page() {
      return page
    },
    get y() {
      return y
    },
    newPage() {
      column = areas.length
      nextColumn()
    },
    /** From here on text runs in these columns, `{x, width}` in points, all of one width. */
    columns(next) {
      areas = next
      column = 0
      begin = { page, y }
    },
    space(points) {
      y -= points
    },
    title(text, at = 22) {
      reserve(at * 2)
      lines(text, { font: bold, at, gap: 1.2 })
      y -= at * 0.4
    },
    heading(text, at = 13) {
      reserve(at * 4)
      y -= at * 0.7
      lines(text, { font: bold, at, gap: 1.25 })
      y -= at * 0.2
    },
    paragraph(text, options) {
      lines(text, options)
      y -= size * 0.55
    },
    /** Items with a hanging mark: `mark(index)` is drawn in the indent. */
    list(items, mark = () => '•') {
      items.forEach((item, index) => {
        reserve(size * leading)
        regular.draw(page, mark(index), { x: areas[column].x + 4, y: y - size * leading, size, color: GREY })
        lines(item, { indent: 20 })
        y -= size * 0.25
      })
      y -= size * 0.4
    },
    /**
     * Rows of cells under a head that is repeated on every page. `cells` are `{width, right?}`, widths in points. A
     * cell is one line: what does not fit is the author's mistake and throws.
     */
    table(cells, head, rows, { at = size - 1, strong = [] } = {}) {
      const height = at * 1.75
      const draw = (row, font, color) => {
        let x = areas[column].x
        y -= height
        row.forEach((text, index) => {
          const { width, right } = cells[index]
          const taken = font.width(text, at)
          if (taken > width) throw new Error(`"${text}" needs ${Math.ceil(taken)} points; its cell has ${width}.`)
          font.draw(page, text, { x: right ? x + width - taken : x, y, size: at, color })
          x += width
        })
        const end = { x: areas[column].x + areas[column].width, y: y - at * 0.5 }
        page.drawLine({ start: { x: areas[column].x, y: end.y }, end, thickness: 0.5, color: RULE })
      }
      reserve(height * 3)
      draw(head, bold, GREY)
      rows.forEach((row, index) => {
        const before = page
        reserve(height)
        if (page !== before) draw(head, bold, GREY)
        draw(row, strong.includes(index) ? bold : regular, INK)
      })
      y -= size
    },
  }
}

/** Writes `text(number, pages)` at the foot of every page, once all pages exist. */
export function numberPages(document, font, text) {
  const pages = document.getPages()
  pages.forEach((page, index) => {
    font.draw(page, text(index + 1, pages.length), { x: 64, y: 40, size: 8.5, color: GREY })
  })
}

/** Breaks at spaces, and between Japanese characters, but never before a closing mark. */
function breakLines(text, width, font, size) {
  const broken = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const piece of paragraph.match(
      /[\u3000-\u9fff\uff00-\uffef][、。」』）ー々]*|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/gu,
    ) ?? ['']) {
      if (line !== '' && font.width((line + piece).trimEnd(), size) > width) {
        broken.push(line.trimEnd())
        line = ''
      }
      line += piece
    }
    broken.push(line.trimEnd())
  }
  return broken
}
