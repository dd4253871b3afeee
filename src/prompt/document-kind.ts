// What a file is, by its content; the one door to file-type.

import { extname } from 'node:path'
import { TextDecoder } from 'node:util'
import { fileTypeFromBuffer } from 'file-type'
import type { DocumentKind } from '../core/prompt.ts'
import { DocumentError } from './document-error.ts'

export interface FileKind {
  readonly kind: DocumentKind
  readonly mediaType: string
}

/** So many bytes of a file's beginning are enough. */
export const HEAD_BYTES = 64 * 1024

const PDF: FileKind = { kind: 'pdf', mediaType: 'application/pdf' }
const TEXT: FileKind = { kind: 'text', mediaType: 'text/plain' }
const TAKEN = 'Documents may be PDFs, images (JPEG, PNG, GIF, WebP) and text.'

/** What content we take, and how we call it. */
const KINDS: Readonly<Record<string, { readonly words: string; readonly kind: FileKind }>> = {
  'application/pdf': { words: 'a PDF', kind: PDF },
  'image/jpeg': { words: 'a JPEG image', kind: { kind: 'image', mediaType: 'image/jpeg' } },
  'image/png': { words: 'a PNG image', kind: { kind: 'image', mediaType: 'image/png' } },
  'image/apng': { words: 'a PNG image', kind: { kind: 'image', mediaType: 'image/png' } },
  'image/gif': { words: 'a GIF image', kind: { kind: 'image', mediaType: 'image/gif' } },
  'image/webp': { words: 'a WebP image', kind: { kind: 'image', mediaType: 'image/webp' } },
}

/** What an ending promises. Other endings promise nothing. */
const ENDINGS: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  ...Object.fromEntries(
    'txt md markdown csv tsv json jsonl xml html htm yaml yml log tex rst'.split(' ').map((ending) => [ending, 'text']),
  ),
}

/** Content that people try and no provider takes, in words. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'a Word document (DOCX)',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'an Excel workbook (XLSX)',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'a PowerPoint presentation (PPTX)',
  'application/x-cfb': 'an old Office document (DOC, XLS or PPT)',
  'application/zip': 'a ZIP archive',
  'application/gzip': 'a gzip archive',
  'application/rtf': 'an RTF document',
  'application/postscript': 'a PostScript file',
  'application/epub+zip': 'an EPUB book',
  'image/svg+xml': 'an SVG image',
  'image/tiff': 'a TIFF image',
  'image/heic': 'a HEIC image',
  'image/avif': 'an AVIF image',
  'image/bmp': 'a BMP image',
}

/**
 * The kind of a file from its first bytes (`HEAD_BYTES` of them, or all). Throws DocumentError for what no provider takes
 * and for a name that promises another kind; `name` is the file as messages call it.
 */
export async function documentKind(head: Uint8Array, name: string): Promise<FileKind> {
  const ending = extname(name).slice(1).toLowerCase()
  const promised = Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined
  const found = await mediaTypeOf(head, promised, ending)
  if (found === undefined) {
    // Not even text. A text is looked at as a whole later, so that the message can name the byte.
    if (promised === undefined || promised === 'text') return TEXT
    throw notPromised(name, promised, 'its bytes are those of no kind of file that we know')
  }
  if (found === 'text') {
    if (promised === undefined || promised === 'text') return TEXT
    throw notPromised(name, promised, isHtml(head) ? 'it is an HTML page' : 'it is a text file')
  }
  const known = Object.hasOwn(KINDS, found) ? KINDS[found] : undefined
  if (known === undefined) {
    throw new DocumentError(
      `${name} is ${OTHER_WORDS[found] ?? `a file of type ${found}`}, which cannot be sent.`,
      TAKEN,
    )
  }
  if (promised !== undefined && promised !== known.kind.mediaType) {
    throw new DocumentError(
      `${name} is ${known.words}, but its name says that it is ${promisedWords(promised)}.`,
      'Give the file the ending that fits its content, or put the right file in its place.',
    )
  }
  return known.kind
}

/** Kinds that are made of letters. Any other that is found in a text is a coincidence: "BMW is …" begins like a bitmap. */
const LETTERS = ['application/pdf', 'application/rtf', 'application/postscript']

/** 'text' for text; undefined for what is neither text nor known. */
async function mediaTypeOf(
  head: Uint8Array,
  promised: string | undefined,
  ending: string,
): Promise<string | undefined> {
  const isText = beginsAsText(head)
  if (isText && (ending === 'svg' || isSvg(head))) return 'image/svg+xml'
  const detected = (await fileTypeFromBuffer(head))?.mime
  if (detected !== undefined && (!isText || LETTERS.includes(detected))) return detected
  // Readers accept a header within the first 1024 bytes, and some programs write something before it.
  if (promised !== 'text' && Buffer.from(head.subarray(0, 1024)).includes('%PDF-')) return 'application/pdf'
  return isText ? 'text' : undefined
}

function notPromised(name: string, promised: string, because: string): DocumentError {
  return new DocumentError(`${name} is not ${promisedWords(promised)}: ${because}.`)
}

function promisedWords(promised: string): string {
  return promised === 'text' ? 'a text file' : (KINDS[promised]?.words ?? promised)
}

function isHtml(head: Uint8Array): boolean {
  return /<(!doctype html|html|head|body)[\s>]/i.test(beginning(head))
}

function isSvg(head: Uint8Array): boolean {
  const withoutComments = beginning(head).replace(/<!--[\s\S]*?-->/g, '')
  return /^\ufeff?\s*(?:<\?xml[^>]*>)?\s*(?:<!DOCTYPE svg[^>]*>)?\s*<svg[\s>]/.test(withoutComments)
}

function beginning(head: Uint8Array): string {
  return Buffer.from(head.subarray(0, 2048)).toString('utf8')
}

/** UTF-8 without NUL, or a byte order mark of UTF-16; the last character may be cut. */
function beginsAsText(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true
  if (head.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}
