// Files that a sink writes for single rows, named before anything is sent: a path that leads out of its folder is a
// rejected row, and a path that two rows have is an error, not something that shows when all is paid for.

import { dirname, join, relative, resolve, sep } from 'node:path'
import { type Problem, UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import type { Row } from '../core/row.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { createDuplicateCheck, type DuplicateCheck } from '../plan/duplicates.ts'
import type { Renderer } from '../prompt/render.ts'
import { createTemplates, type Template } from '../prompt/template.ts'

/** What is known of an outcome before there is one. */
const KNOWN = ['key', 'row', 'job', 'run', 'vars']
/** Folders whose links were followed and found to stay inside. */
const REMEMBERED = 10_000

export interface RowFiles {
  /** The given renderer, which now also rejects rows whose files would lie outside. */
  readonly renderer: Renderer
  /** After the last row. Throws UserError where two rows have one file. */
  finish(): Promise<void>
  /** Leaves no file behind; may be called after `finish`. */
  discard(): Promise<void>
}

interface Target {
  readonly template: Template
  /** Absolute: the folder that the template begins with. Every path stays below it. */
  readonly folder: string
  /** JSON pointer into the job. */
  readonly path: string
  readonly files: DuplicateCheck
}

/** Paths that need the answer are looked at when they are written. Folders of its own are made in `scratch`. */
export function withRowFiles(
  renderer: Renderer,
  job: Job,
  folders: { readonly root: string; readonly scratch: string },
  run: string,
): RowFiles {
  const { root } = folders
  const targets = targetsOf(job, folders)
  const about: JsonObject = { job: { name: job.name }, run: { id: run }, vars: job.vars }
  const inside = new Set<string>()

  async function render(row: Row): Promise<Awaited<ReturnType<Renderer['render']>>> {
    const rendered = await renderer.render(row)
    if (rendered.type === 'rejected') return rendered
    for (const target of targets) {
      try {
        const file = await fileOf(target, { ...about, key: row.key, row: row.fields }, root, inside)
        target.files.add(file, row.ordinal, row.place)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        const [problem] = error.problems
        const hint = problem?.hint === undefined ? {} : { hint: problem.hint }
        return rejected(row, { message: problem?.message ?? error.message, ...hint, path: target.path })
      }
    }
    return rendered
  }

  return {
    renderer: targets.length === 0 ? renderer : { shapes: () => renderer.shapes(), render },
    async finish() {
      for (const target of targets) await target.files.finish()
    },
    async discard() {
      for (const target of targets) await target.files.discard()
    },
  }
}

function targetsOf(job: Job, { root, scratch }: { readonly root: string; readonly scratch: string }): Target[] {
  const templates = createTemplates(job.partials)
  return job.sinks.flatMap(({ type, options }, index) => {
    if (type !== 'files') return []
    const text = String(options.path)
    const template = templates.compile({ text, file: job.file, line: 1, column: 1 })
    if (template.readsAll || template.names.some(({ name }) => !KNOWN.includes(name))) return []
    const fixed = text.split('{{', 1)[0] ?? ''
    const words = {
      what: `For the sink with the path ${text}, the file`,
      hint: 'Put more of the row into the path, such as {{key}}, which differs from row to row.',
    }
    return [
      {
        template,
        folder: resolve(root, fixed.slice(0, fixed.lastIndexOf('/') + 1)),
        path: `/sinks/${index}/path`,
        files: createDuplicateCheck(join(scratch, `row-files-${index}`), undefined, words),
      },
    ]
  })
}

/** The row's file relative to the root. Throws UserError. */
async function fileOf(
  { template, folder }: Target,
  context: JsonObject,
  root: string,
  inside: Set<string>,
): Promise<string> {
  const rendered = template.render(context)
  const target = resolve(root, rendered.replaceAll('\u0000', '_'))
  if (!isBelow(folder, target) || target === folder || /[/\\]$/.test(rendered)) {
    throw new UserError({
      message: `Its file ${quoted(rendered)} would lie outside the folder ${folder}.`,
      hint: 'A path that is rendered stays below the folder that its template begins with; change the template or the values in it.',
    })
  }
  const parent = dirname(target)
  // A folder elsewhere that the job names itself is the user's own choice.
  if (!inside.has(parent) && isBelow(root, folder)) {
    await insideRoot(root, target)
    if (inside.size >= REMEMBERED) inside.clear()
    inside.add(parent)
  }
  return relative(root, target)
}

function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function rejected({ key, place }: Row, problem: Problem): Awaited<ReturnType<Renderer['render']>> {
  const where = place === undefined ? '' : ` (${place.file}${place.line === undefined ? '' : `:${place.line}`})`
  return {
    type: 'rejected',
    problem: { ...problem, message: `Row ${quoted(key)}${where}: ${problem.message}` },
    reason: problem.message,
  }
}
