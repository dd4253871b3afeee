import type { FilledDocument } from './filled.ts'
import { imageTokens } from './image-tokens.ts'

/** How much a model reads of a request or of a part of it, as far as it can be seen here. */
export interface ReadAmount {
  /** Bytes of UTF-8 text. */
  readonly inputBytes: number
  readonly pdfPages: number
  /** Bytes of the text on those pages; of long documents, as a sample of them lets expect. */
  readonly pdfTextBytes: number
  readonly imageTokens: number
  /** Documents behind URLs and file ids. */
  readonly unseenDocuments: number
}

/** @param mostImageTokens of one image, as the model has it; absent: not known */
export function measureDocument({ source }: Pick<FilledDocument, 'source'>, mostImageTokens?: number): ReadAmount {
  const nothing = { inputBytes: 0, pdfPages: 0, pdfTextBytes: 0, imageTokens: 0, unseenDocuments: 0 }
  if (source.type === 'text') return { ...nothing, inputBytes: Buffer.byteLength(source.text) }
  if (source.type !== 'file') return { ...nothing, unseenDocuments: 1 }
  const { kind, size, pages = 0, textBytes = 0, width = 0, height = 0 } = source.ref
  if (kind === 'text') return { ...nothing, inputBytes: size }
  if (kind === 'image') return { ...nothing, imageTokens: imageTokens(width, height, mostImageTokens) }
  return { ...nothing, pdfPages: pages, pdfTextBytes: textBytes }
}
