// The documents of one row's request, as they lie on this disk: for a look, never for sending.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UserError } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import type { DocumentRef } from '../core/prompt.ts'
import { parseRequestLine } from '../core/request-line.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { lineBlocks } from '../disk/lines.ts'
import type { RunContext } from '../run/ports.ts'
import { PlanDamagedError } from '../run/request-file.ts'
import type { DocumentBytes, DocumentView } from '../ui/ui.ts'

const MAX_LINE_BYTES = 512_000_000

/** In the order of the request; none for a row that was rejected at planning. */
export async function rowDocuments(context: RunContext, batch: number, key: string): Promise<readonly DocumentRef[]> {
  const { artifacts, header } = context
  if ((header.batches[batch]?.requests ?? 0) === 0) return []
  const name = runFiles.requests(batch, 1)
  const wanted = Buffer.from(`\t${JSON.stringify(key)}\t`)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    for (const bytes of lines) {
      const line = bytes.includes(wanted) ? parseRequestLine(bytes) : undefined
      if (line?.key === key) return line.parts.filter((part): part is DocumentRef => typeof part !== 'string')
    }
  }
  return []
}

export async function documentView(context: RunContext, ref: DocumentRef): Promise<DocumentView> {
  const { path, mediaType, size, pages } = ref
  const about = { path, mediaType, size, ...(pages === undefined ? {} : { pages }) }
  const found = await locate(context, ref)
  if (typeof found === 'string') return { ...about, trouble: found }
  if (shownAs(ref) === undefined) return { ...about, trouble: 'A browser does not show files of this kind.' }
  const changed = `It has changed since it was planned: it was ${size} bytes and is ${found.size} now.`
  return { ...about, trouble: found.size === size ? null : changed }
}

/** undefined: it is not there, not inside its folder, or nothing that a browser may show. */
export async function documentBytes(context: RunContext, ref: DocumentRef): Promise<DocumentBytes | undefined> {
  const found = await locate(context, ref)
  const mediaType = shownAs(ref)
  if (typeof found === 'string' || mediaType === undefined) return undefined
  const { path, size } = found
  return {
    mediaType,
    size,
    // No more than was announced, even if the file grows meanwhile.
    open: () => (size === 0 ? emptyFile() : createReadStream(path, { end: size - 1 })),
  }
}

async function* emptyFile(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array()
}

/** Only kinds that a browser draws without running anything; SVG and HTML are none of them. */
function shownAs({ kind, mediaType }: DocumentRef): string | undefined {
  if (kind === 'text') return 'text/plain; charset=utf-8'
  return SHOWN.has(mediaType) ? mediaType : undefined
}

const SHOWN = new Set(['application/pdf', 'image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** The file, or why it cannot be shown. */
async function locate(context: RunContext, ref: DocumentRef): Promise<{ path: string; size: number } | string> {
  try {
    const path = await insideRoot(context.folders[ref.base], ref.path)
    const file = await stat(path)
    return file.isFile() ? { path, size: file.size } : 'It is no file any more.'
  } catch (error) {
    if (error instanceof UserError) return 'It lies outside the project, so it is not shown.'
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined) throw error
    return `It cannot be read any more (${code}).`
  }
}
