import { counted, quoted } from '../core/phrase.ts'
import { DocumentError } from './document-error.ts'

/** The first and the last page of a stretch, counted from 1. */
export type PageRange = readonly [from: number, to: number]

const HINT = 'Write pages as 1-50 or 3,7-9, counted from 1 and in ascending order.'

/** '3,7-9' → [[3, 3], [7, 9]]. Throws DocumentError for anything that is not ascending and apart. */
export function parsePages(text: string): PageRange[] {
  const ranges: PageRange[] = []
  let last = 0
  for (const piece of text.split(',')) {
    const match = /^\s*([1-9]\d{0,8})(?:\s*-\s*([1-9]\d{0,8}))?\s*$/.exec(piece)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? match?.[1])
    if (match === null || to < from || from <= last) throw new DocumentError(`${quoted(text)} are no pages.`, HINT)
    ranges.push([from, to])
    last = to
  }
  return ranges
}

/**
 * The positions, from 0, of the pages that a document of `pages` pages has of the ranges: 1-50 of a shorter document is
 * all of it. A range that begins beyond the end is an error, as nothing is there. Throws DocumentError.
 */
export function pagesIn(ranges: readonly PageRange[], pages: number, path: string): number[] {
  const positions: number[] = []
  for (const [from, to] of ranges) {
    if (from > pages) {
      const wanted = from === to ? `page ${from} is` : `pages ${from}-${to} are`
      throw new DocumentError(`${path} has ${counted(pages, 'page')}, and ${wanted} asked for.`)
    }
    for (let page = from; page <= Math.min(to, pages); page += 1) positions.push(page - 1)
  }
  return positions
}
