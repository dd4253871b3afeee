// A page of Markdown as the tests read it: its blocks of code, its links, and the places that links may lead to.

/** What the comment on the line before a block says about it. */
export type Note =
  | { readonly type: 'none' }
  /** It is not run, and this is why. */
  | { readonly type: 'shown'; readonly why: string }
  /** It is the content of this file of the reader's project. */
  | { readonly type: 'file'; readonly path: string }
  /** Its last command that fails ends with this status. */
  | { readonly type: 'fails'; readonly status: number }
  /** It is what the block before it prints. */
  | { readonly type: 'printed' }
  /** It is this file of the repository, which another test runs. */
  | { readonly type: 'copy'; readonly path: string }

export interface Block {
  /** Of its first fence, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  readonly note: Note
}

export interface Link {
  readonly line: number
  readonly target: string
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string
  /** Where its reader stands, as the page says once: `<!-- begins: in an empty folder -->`. */
  readonly begins: string
  readonly blocks: readonly Block[]
  readonly links: readonly Link[]
  /** The anchors of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>
}

export function readPage(path: string, text: string): Page {
  const blocks: Block[] = []
  const links: Link[] = []
  const anchors = new Set<string>()
  let open: { line: number; language: string; indent: string; lines: string[]; note: Note } | undefined
  let before = ''
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^( *)```(\w*)$/.exec(line)
    if (open !== undefined) {
      if (fence === null) open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
      else {
        const { lines, indent: _, ...rest } = open
        blocks.push({ ...rest, text: `${lines.join('\n')}\n` })
        open = undefined
        before = ''
      }
    } else if (fence !== null) {
      const [, indent = '', language = ''] = fence
      open = { line: index + 1, language, indent, lines: [], note: noteOf(before.trim()) }
    } else {
      const heading = /^#{1,6} (.+)$/.exec(line)
      if (heading?.[1] !== undefined) anchors.add(anchorOf(heading[1], anchors))
      for (const target of linksOf(line)) links.push({ line: index + 1, target })
      if (line.trim() !== '') before = line
    }
  }
  const begins = /^<!-- begins: (.+) -->$/m.exec(text)?.[1] ?? 'in a project with the examples'
  return { path, begins, blocks, links, anchors }
}

function noteOf(line: string): Note {
  const copy = /^`(docs\/examples\/\S+)`:$/.exec(line)?.[1]
  if (copy !== undefined) return { type: 'copy', path: copy }
  const [, word, rest = ''] = /^<!-- (shown|file|fails|printed)(?:: (.+))? -->$/.exec(line) ?? []
  switch (word) {
    case 'shown':
      return { type: 'shown', why: rest }
    case 'file':
      return { type: 'file', path: rest }
    case 'fails':
      return { type: 'fails', status: Number(rest) }
    case 'printed':
      return { type: 'printed' }
    default:
      return { type: 'none' }
  }
}

function linksOf(line: string): string[] {
  const text = line.replace(/`[^`]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? [])
}

/** As GitHub makes it: lower case, without punctuation, spaces as hyphens, a number where it is taken. */
function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  const anchor = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
  for (let number = 0; ; number++) {
    const name = number === 0 ? anchor : `${anchor}-${number}`
    if (!taken.has(name)) return name
  }
}

/** Whether a text is what a page shows of it: `…` stands for anything in a line, and alone for any lines. */
export function isAsShown(shown: string, text: string): boolean {
  const lines = shown.trimEnd().split('\n')
  const pattern = lines.map((line) =>
    line.trim() === '…' ? '(?:.*\\n)*?' : `${line.trimEnd().split('…').map(literal).join('.*')}[ \\t]*\\n`,
  )
  return new RegExp(`^${pattern.join('')}$`).test(`${text.trimEnd()}\n`)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
