// A job's texts, compiled: what is the same for every row is rendered here, once.

import { type Problem, UserError } from '../core/errors.ts'
import type { DocumentSpec, Job, TemplateText, TextSpec } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { RESERVED_NAMES, templateContext } from './context.ts'
import { DocumentError } from './document-error.ts'
import { parsePages } from './pages.ts'
import type { PlainTemplate } from './plain-template.ts'
import { createTemplates, type NameUse, type Templates } from './template.ts'

/** A text of the prompt: the same for every row, or rendered from the row. */
export type JobText =
  | { readonly constant: string; readonly spec: TemplateText }
  | {
      readonly constant: undefined
      readonly spec: TemplateText
      readonly plain?: PlainTemplate
      render(context: JsonObject): string
    }

export interface JobDocument {
  readonly spec: DocumentSpec
  /** Which of the spec's four it is, and its text. */
  readonly from: 'file' | 'url' | 'text' | 'fileId'
  readonly source: JobText
  readonly title: JobText | undefined
  readonly context: JobText | undefined
}

export interface CachedText {
  readonly text: JobText
  readonly cache: TextSpec['cache']
}

export interface JobTemplates {
  readonly system: CachedText | undefined
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: readonly CachedText[] }[]
  readonly documents: readonly JobDocument[]
  /** What templates see beside the row. */
  readonly reserved: JsonObject
  /** Where the templates read `vars` or `job`: a row with a field of that name would be ambiguous. */
  readonly reservedUses: readonly NameUse[]
}

/** Throws UserError with every mistake in every template of the prompt. */
export function compileJob(job: Job): JobTemplates {
  const compiler = new Compiler(job)
  const cached = ({ text, cache }: TextSpec): CachedText => ({ text: compiler.text(text), cache })
  const system = job.system === undefined ? undefined : cached(job.system)
  const messages = job.messages.map(({ role, content }) => ({ role, content: content.map(cached) }))
  const documents = job.documents.map((spec) => compiler.document(spec))
  if (compiler.problems.length > 0) throw new UserError(compiler.problems)
  return { system, messages, documents, reserved: compiler.reserved, reservedUses: compiler.reservedUses }
}

class Compiler {
  readonly problems: Problem[] = []
  readonly reservedUses: NameUse[] = []
  readonly reserved: JsonObject
  readonly #file: string
  readonly #templates: Templates

  constructor(job: Job) {
    this.#file = job.file
    const { name, description } = job
    this.reserved = { vars: job.vars, job: description === undefined ? { name } : { name, description } }
    this.#templates = createTemplates(job.partials)
  }

  text(spec: TemplateText): JobText {
    try {
      const template = this.#templates.compile(spec)
      if (template.constant !== undefined) return { constant: template.constant, spec }
      const reserved = template.names.filter((use) => isReserved(use.name))
      this.reservedUses.push(...reserved)
      const isConstant = !template.readsAll && reserved.length === template.names.length
      if (isConstant) return { constant: template.render(templateContext({}, this.reserved)), spec }
      const { plain, render } = template
      return { constant: undefined, spec, ...(plain === undefined ? {} : { plain }), render }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.#add(error.problems)
      return { constant: '', spec }
    }
  }

  document(spec: DocumentSpec): JobDocument {
    const { file, url, text, fileId, title, context } = spec
    this.#checkPages(spec)
    return {
      spec,
      ...this.#sourceOf({ file, url, text, fileId }),
      title: title && this.text(title),
      context: context && this.text(context),
    }
  }

  #checkPages({ pages, path }: DocumentSpec): void {
    try {
      if (pages !== undefined) parsePages(pages)
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      const hint = error.hint === undefined ? {} : { hint: error.hint }
      this.problems.push({ message: error.message, ...hint, file: this.#file, path: `${path}/pages` })
    }
  }

  #sourceOf(texts: Record<JobDocument['from'], TemplateText | undefined>): Pick<JobDocument, 'from' | 'source'> {
    for (const from of ['file', 'url', 'text', 'fileId'] as const) {
      const text = texts[from]
      if (text !== undefined) return { from, source: this.text(text) }
    }
    throw new TypeError('A document without a source passed the check of the job.')
  }

  /** A partial that several templates call is wrong once. */
  #add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const isKnown = this.problems.some(
        (known) =>
          known.file === problem.file &&
          known.line === problem.line &&
          known.column === problem.column &&
          known.message === problem.message,
      )
      if (!isKnown) this.problems.push(problem)
    }
  }
}

function isReserved(name: string): boolean {
  return (RESERVED_NAMES as readonly string[]).includes(name)
}
