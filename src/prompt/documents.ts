// Looks at the documents of a dataset: what they are, whether they can be sent, and what they were at planning.

import { createHash } from 'node:crypto'
import { closeSync, promises as fs, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { DocumentSpec } from '../core/job.ts'
import type { DocumentRef } from '../core/prompt.ts'
import { writeAtomically } from '../disk/atomic-file.ts'
import { relativeToRoot } from '../disk/inside-root.ts'
import type { BatchLimits, ModelSpec } from '../provider/provider.ts'
import { DocumentError } from './document-error.ts'
import { isMissing, missingFile, placeOfFile, statFile, unreadable } from './document-file.ts'
import { documentKind, type FileKind, HEAD_BYTES } from './document-kind.ts'
import { checkDocument, checkTogether } from './document-limits.ts'
import { imageSize } from './image-size.ts'
import { parsePages } from './pages.ts'
import { createPdfReader } from './pdf-reader.ts'
import { decodeText } from './text-encoding.ts'

export { DocumentError } from './document-error.ts'

export interface DocumentReader {
  /**
   * What the file at `path` (relative to the root, as a row gave it) is and holds. Throws DocumentError with a plain
   * sentence where it cannot be sent. Each file is opened once, however many rows name it.
   */
  inspect(path: string, spec: Wanted): Promise<DocumentRef>
  /** What is wrong with the documents of one request together, as a sentence. */
  together(refs: readonly DocumentRef[]): string | undefined
  close(): Promise<void>
}

/** How a document is to be sent. */
type Wanted = Partial<Pick<DocumentSpec, 'pages' | 'upload'>>

/** Documents remembered; beyond that the longest unused is looked at again. */
const REMEMBERED = 20_000
/** A PDF that is cut may be larger than a request, but it has to be held in memory. */
const MAX_CUT_BYTES = 200 * 1024 * 1024

/** @param options.runFolder the run's own folder, absolute, asked for when the first PDF is cut */
export function createDocumentReader(options: {
  readonly root: string
  /** Folders outside the root whose files may be sent too, absolute: those that the dataset names. */
  readonly folders?: readonly string[]
  readonly runFolder: () => string
  readonly model: ModelSpec | undefined
  readonly limits: Pick<BatchLimits, 'maxRequestBytes' | 'files'>
}): DocumentReader {
  return new CachedReader(options)
}

type Options = Parameters<typeof createDocumentReader>[0]

interface FoundFile {
  /** Absolute, links resolved. */
  readonly path: string
  /** As the row gave it. */
  readonly name: string
  readonly size: number
  readonly upload: DocumentSpec['upload']
}

class CachedReader implements DocumentReader {
  readonly #options: Options
  readonly #pdfs = createPdfReader()
  /** In order of use; failures are remembered too, as the slowest of them take seconds. */
  readonly #known = new Map<string, Promise<DocumentRef>>()
  #realRoot: Promise<string> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  async inspect(path: string, { pages, upload = 'inline' }: Wanted): Promise<DocumentRef> {
    const real = await placeOfFile(path, this.#options)
    const stats = await statFile(real, path)
    const key = [real, stats.size, stats.mtimeNs, stats.ino, pages ?? '', upload].join('\n')
    let inspected = this.#known.get(key)
    if (inspected === undefined) {
      inspected = this.#inspectFile({ path: real, name: path, size: Number(stats.size), upload }, pages)
      // Whoever asked hears of it; the remembered promise is nobody's.
      inspected.catch(() => undefined)
    }
    this.#remember(key, inspected)
    return inspected
  }

  together(refs: readonly DocumentRef[]): string | undefined {
    return checkTogether(refs, this.#options.model)
  }

  close(): Promise<void> {
    return this.#pdfs.close()
  }

  #remember(key: string, inspected: Promise<DocumentRef>): void {
    this.#known.delete(key)
    this.#known.set(key, inspected)
    if (this.#known.size <= REMEMBERED) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  async #inspectFile(file: FoundFile, pages: string | undefined): Promise<DocumentRef> {
    try {
      const head = readHead(file)
      const kind = await documentKind(head, file.name)
      if (pages !== undefined && kind.kind !== 'pdf') {
        throw new DocumentError(`${file.name} is no PDF, and pages is for PDFs only.`)
      }
      const mayBeCut = pages !== undefined
      if (file.size > MAX_CUT_BYTES || !mayBeCut) this.#checkSize(file, kind)
      const ref =
        kind.kind === 'pdf'
          ? await this.#inspectPdf(file, kind, pages)
          : await this.#inspectBytes(file, kind, head.length < HEAD_BYTES ? head : await fs.readFile(file.path))
      this.#check(file, ref)
      const { files } = this.#options.limits
      return file.upload === 'files' && files !== undefined ? { ...ref, bytes: files.idBytes, upload: 'files' } : ref
    } catch (error) {
      if (isMissing(error)) throw await missingFile(file.path, file.name)
      throw error instanceof DocumentError ? error : unreadable(file.name, error)
    }
  }

  /** Before anything large is read. */
  #checkSize(file: FoundFile, kind: FileKind): void {
    const { size } = file
    this.#check(file, { ...kind, size, bytes: kind.kind === 'text' ? size : base64Length(size) })
  }

  #check({ name, upload }: FoundFile, measured: Parameters<typeof checkDocument>[0]): void {
    const { model, limits } = this.#options
    const most = upload === 'files' && limits.files !== undefined ? limits.files.maxBytes : undefined
    checkDocument(measured, name, { model, limits, ...(most === undefined ? {} : { mostUploaded: most }) })
  }

  async #inspectPdf(file: FoundFile, kind: FileKind, pages: string | undefined): Promise<DocumentRef> {
    const ranges = pages === undefined ? undefined : parsePages(pages)
    const {
      size,
      digest,
      pages: count,
      textBytes,
      cut,
    } = await this.#pdfs.read({ path: file.path, name: file.name, size: file.size, ranges })
    if (cut === undefined) {
      const bytes = base64Length(size)
      return {
        path: await this.#relative(file.path),
        base: 'root',
        ...kind,
        size,
        digest,
        encoding: 'base64',
        bytes,
        pages: count,
        ...(textBytes === undefined ? {} : { textBytes }),
      }
    }
    const path = `documents/${cut.digest}.pdf`
    await writeAtomically(join(this.#options.runFolder(), path), cut.bytes)
    const bytes = base64Length(cut.bytes.length)
    const share = textBytes === undefined ? {} : { textBytes: Math.round((textBytes / count) * cut.pages) }
    const facts = { size: cut.bytes.length, digest: cut.digest, pages: cut.pages, ...share }
    return { path, base: 'run', ...kind, ...facts, encoding: 'base64', bytes }
  }

  async #inspectBytes(file: FoundFile, kind: FileKind, content: Buffer): Promise<DocumentRef> {
    const digest = createHash('sha256').update(content).digest('hex')
    const facts = {
      path: await this.#relative(file.path),
      base: 'root',
      ...kind,
      size: content.length,
      digest,
    } as const
    if (kind.kind === 'text') {
      const decoded = decodeText(content)
      if ('reason' in decoded) {
        throw new DocumentError(
          `${file.name} ${decoded.reason}.`,
          'Save it as UTF-8, or as UTF-16 with a byte order mark.',
        )
      }
      if (decoded.text.trim() === '') throw new DocumentError(`${file.name} holds nothing but blanks.`)
      return { ...facts, encoding: 'text', bytes: Buffer.byteLength(JSON.stringify(decoded.text)) - 2 }
    }
    const size = imageSize(content, kind.mediaType)
    if (size === undefined)
      throw new DocumentError(`${file.name} is a damaged image: its width and height cannot be read.`)
    return { ...facts, encoding: 'base64', bytes: base64Length(content.length), ...size }
  }

  async #relative(path: string): Promise<string> {
    this.#realRoot ??= fs.realpath(this.#options.root)
    return relativeToRoot(await this.#realRoot, path)
  }
}

/** The first `HEAD_BYTES`; fewer are the whole file. At once, as most documents of a large dataset are small. */
function readHead({ path, size }: FoundFile): Buffer {
  // It may have grown since it was looked at: then this is not all of it.
  if (size < HEAD_BYTES) return readFileSync(path).subarray(0, HEAD_BYTES)
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.allocUnsafeSlow(HEAD_BYTES)
    return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(descriptor)
  }
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}
