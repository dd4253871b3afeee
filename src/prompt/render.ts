// Job × Row → the pieces of a request's body, or why the row cannot be asked.

import type { BodyPart, RequestShape } from '../core/batch.ts'
import { type Problem, UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import type { DocumentRef } from '../core/prompt.ts'
import type { Row } from '../core/row.ts'
import type { RowText } from '../core/row-text.ts'
import type { Provider } from '../provider/provider.ts'
import { cachedPrefix } from './cached-prefix.ts'
import { templateContext } from './context.ts'
import { DocumentError } from './document-error.ts'
import type { DocumentReader } from './documents.ts'
import { checkMessages, checkTexts, EmptyPromptError, fillDocument, fillTexts, withDocuments } from './fill.ts'
import type { FilledDocument, FilledPrompt, FilledText } from './filled.ts'
import { compileJob, type JobDocument, type JobTemplates } from './job-templates.ts'
import { measureDocument } from './read-amount.ts'
import { type CopiedRequest, type RequestMeasure, RowCopier } from './row-copier.ts'
import { Shapes } from './shapes.ts'
import { TemplateRowError } from './template.ts'

export type Rendered = CopiedRequest | RenderedRequest | RejectedRow

export interface RenderedRequest extends RequestMeasure {
  readonly type: 'request'
  readonly parts: readonly BodyPart[]
}

export interface RejectedRow {
  readonly type: 'rejected'
  readonly problem: Problem
  /** The problem as one sentence, with its place and without the row's name. */
  readonly reason: string
}

export interface Renderer {
  /** The shapes of all rows rendered so far; they are only ever added to. */
  shapes(): readonly RequestShape[]
  /** Synchronous unless the job has documents from files. Throws UserError for what is wrong with all rows. */
  render(row: Row): Rendered | Promise<Rendered>
}

/** Throws UserError with every mistake in the job's templates. */
export function createRenderer(options: {
  readonly job: Job
  readonly provider: Pick<Provider, 'encode' | 'limits'>
  readonly documents: DocumentReader
  /** Tokens of one image at most, as the model has it; absent: not known. */
  readonly mostImageTokens?: number | undefined
}): Renderer {
  const { job, provider, documents, mostImageTokens } = options
  const templates = compileJob(job)
  refuseUploads(job, provider)
  const shapes = new Shapes(job, provider)
  const hasDocuments = templates.documents.length > 0
  const isSynchronous = !hasDocuments
  const marks = [job.system, ...job.documents, ...job.messages.flatMap(({ content }) => content)]
  const marksCache = marks.some((mark) => mark?.cache !== undefined)

  function finish(filled: FilledPrompt, refs: readonly DocumentRef[]): Rendered {
    checkMessages(filled, job)
    checkTexts(filled)
    const together = documents.together(refs)
    if (together !== undefined) throw new DocumentError(together)
    const spliced = shapes.splice(filled)
    const most = provider.limits.maxRequestBytes
    if (spliced.bytes > most) throw new DocumentError(tooLarge(spliced.bytes, most, spliced.parts))
    let pdfPages = 0
    let pdfTextBytes = 0
    let imageTokens = 0
    let unseenDocuments = 0
    for (const { content } of hasDocuments ? filled.messages : []) {
      for (const part of content) {
        if (part.type === 'text') continue
        const amount = measureDocument(part, mostImageTokens)
        pdfPages += amount.pdfPages
        pdfTextBytes += amount.pdfTextBytes
        imageTokens += amount.imageTokens
        unseenDocuments += amount.unseenDocuments
      }
    }
    const messages = filled.messages.length
    const cached = marksCache ? cachedPrefix(job, filled, mostImageTokens) : undefined
    const amount = { pdfPages, pdfTextBytes, imageTokens, unseenDocuments, messages }
    return { type: 'request', ...spliced, ...amount, ...(cached === undefined ? {} : { cached }) }
  }

  let copier: RowCopier | null | undefined

  /** undefined: its templates have to be rendered. */
  function copy(text: RowText, row: Row): CopiedRequest | undefined {
    if (copier === undefined) {
      copier = RowCopier.of(job, shapes, { templates, mostBytes: provider.limits.maxRequestBytes }) ?? null
    }
    return copier?.copy(text, () => row.fields)
  }

  async function renderWithDocuments(row: Row, context: JsonObject): Promise<Rendered> {
    const filled: (FilledText | FilledDocument)[] = []
    for (const [index, document] of templates.documents.entries()) {
      try {
        filled.push(...(await fillDocument(document, `d${index}`, context, documents)))
      } catch (error) {
        return rejected(row, error, document)
      }
    }
    const refs = filled.flatMap((part) =>
      part.type === 'document' && part.source.type === 'file' ? [part.source.ref] : [],
    )
    try {
      return finish(withDocuments(fillTexts(templates, context), filled), refs)
    } catch (error) {
      return rejected(row, error)
    }
  }

  return {
    shapes: () => shapes.shapes,
    render(row) {
      const copied = row.text && copy(row.text, row)
      if (copied !== undefined) return copied
      refuseReservedFields(row, templates)
      const context = templateContext(row.fields, templates.reserved)
      if (!isSynchronous) return renderWithDocuments(row, context)
      try {
        return finish(fillTexts(templates, context), [])
      } catch (error) {
        return rejected(row, error)
      }
    },
  }
}

function refuseUploads(job: Job, { limits }: Pick<Provider, 'limits'>): void {
  if (limits.files !== undefined) return
  const uploads = job.documents.filter((spec) => spec.upload === 'files')
  if (uploads.length === 0) return
  throw new UserError(
    uploads.map((spec) => ({
      message: `The provider ${job.provider.type} has no files API, so documents cannot be uploaded to it.`,
      hint: 'Leave out upload; documents are then sent inside their requests.',
      file: job.file,
      path: `${spec.path}/upload`,
    })),
  )
}

/** A row's `vars` or `job` would hide ours, or be hidden: neither may happen in silence. */
function refuseReservedFields(row: Row, templates: JobTemplates): void {
  for (const use of templates.reservedUses) {
    if (!Object.hasOwn(row.fields, use.name)) continue
    throw new UserError({
      message: `The dataset has a field named "${use.name}", and the templates read the job's own "${use.name}".`,
      hint: `Give the field another name in the dataset; "${use.name}" in a template always means the job's.`,
      file: use.file,
      line: use.line,
      column: use.column,
      length: use.name.length,
    })
  }
  if (Object.hasOwn(row.fields, '__proto__')) {
    throw new UserError({
      message: `${nameOf(row)} has a field named "__proto__", which cannot be used.`,
      hint: 'Give the field another name in the dataset.',
    })
  }
}

/** A row that was rendered and cannot be asked all the same. */
export function refuse(row: Row, message: string, hint: string): RejectedRow {
  return rejected(row, new DocumentError(message, hint))
}

/** Errors of a row become data; anything else is thrown on. */
function rejected(row: Row, error: unknown, document?: JobDocument): RejectedRow {
  const problem = problemOf(error, document)
  const { file, line, column } = problem
  const isInTemplate = error instanceof TemplateRowError
  const place = isInTemplate && file !== undefined ? `${file}:${line}:${column}: ` : ''
  const hint = isInTemplate && problem.hint !== undefined ? ` ${problem.hint}` : ''
  return {
    type: 'rejected',
    problem: { ...problem, message: `${nameOf(row)}: ${problem.message}` },
    reason: `${place}${problem.message}${hint}`,
  }
}

function problemOf(error: unknown, document: JobDocument | undefined): Problem {
  if (error instanceof TemplateRowError) return error.problem
  if (error instanceof EmptyPromptError) return { message: error.message }
  if (!(error instanceof DocumentError)) throw error
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  if (document === undefined) return { message: error.message, ...hint }
  const { file, line, column } = document.source.spec
  return { message: error.message, ...hint, file, line, column, path: document.spec.path }
}

function nameOf({ key, place }: Row): string {
  if (place === undefined) return `Row ${quoted(key)}`
  return `Row ${quoted(key)} (${place.file}${place.line === undefined ? '' : `:${place.line}`})`
}

function tooLarge(bytes: number, most: number, parts: readonly BodyPart[]): string {
  const [largest] = parts
    .map((part) => ({ part, size: typeof part === 'string' ? Buffer.byteLength(part) : part.bytes }))
    .sort((a, b) => b.size - a.size)
  const what = largest === undefined || typeof largest.part === 'string' ? 'one text of the prompt' : largest.part.path
  const share = largest === undefined ? '' : ` Its largest part is ${what} with ${count(largest.size)} bytes.`
  return `The request is ${count(bytes)} bytes; the provider takes at most ${count(most)}.${share}`
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
