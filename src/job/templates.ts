/** Reads the templates that a job names, and every partial beside them. Compiling them is not our business. */

import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Problem } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { relativeToRoot } from '../disk/inside-root.ts'
import { isInlineTemplate } from './environment.ts'
import { mappingsIn } from './finding.ts'
import { belowRoot, pathBelowRoot, readText } from './read-text.ts'

const EXTENSION = '.hbs'
const MAX_TEMPLATE_BYTES = 10_000_000

export interface TemplateFiles {
  /** By the path as the job has it. */
  readonly texts: ReadonlyMap<string, TemplateText>
  /** By stem. */
  readonly partials: Readonly<Record<string, TemplateText>>
  /** With the pointer of the place in the job. */
  readonly problems: readonly (Problem & { readonly path: string })[]
}

export async function readTemplates(data: JsonObject, root: string): Promise<TemplateFiles> {
  const texts = new Map<string, TemplateText>()
  const partials = new Map<string, TemplateText[]>()
  const problems: (Problem & { path: string })[] = []
  const folders = new Map<string, string>()
  const seen = new Set<string>()
  for (const [pointer, name] of templatePaths(data)) {
    if (seen.has(name)) continue
    seen.add(name)
    const place = await pathBelowRoot(root, name)
    const read = 'path' in place ? await readText(place.path, name, MAX_TEMPLATE_BYTES, belowRoot(root)) : place
    if (read.problem !== undefined) problems.push({ ...read.problem, path: pointer })
    else if ('text' in read) texts.set(name, wholeFile(read.text, root, resolve(root, name)))
    if ('path' in place && read.problem === undefined) folders.set(dirname(resolve(root, name)), pointer)
  }
  for (const [folder, pointer] of folders) {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith(EXTENSION)).sort()) {
      const read = await readText(join(folder, file), relativeToRoot(root, join(folder, file)), MAX_TEMPLATE_BYTES)
      if (read.problem !== undefined) problems.push({ ...read.problem, path: pointer })
      else {
        const stem = file.slice(0, -EXTENSION.length)
        partials.set(stem, [...(partials.get(stem) ?? []), wholeFile(read.text, root, join(folder, file))])
      }
    }
  }
  const used =
    [...texts.values(), ...[...partials.values()].flat()].map(({ text }) => text).join('\n') + inlineTexts(data)
  for (const [stem, files] of partials) {
    if (files.length < 2 || !isUsed(stem, used)) continue
    problems.push({
      message: `The partial "${stem}" is two files: ${files.map(({ file }) => file).join(' and ')}.`,
      hint: 'Rename one of them, or keep all templates of the job in one folder.',
      path: [...folders.values()][0] ?? '',
    })
  }
  const single = [...partials].filter(([, files]) => files.length === 1)
  return { texts, partials: Object.fromEntries(single.map(([stem, [file]]) => [stem, file as TemplateText])), problems }
}

/** Every file that stands as a template in the job, with the pointer of its place. */
function templatePaths(data: JsonObject): (readonly [pointer: string, path: string])[] {
  const found: (readonly [string, string])[] = []
  const look = (value: Json | undefined, pointer: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) look(item as Json, `${pointer}/${index}`)
    else if (isJsonObject(value) && typeof value.template === 'string' && value.template !== '') {
      found.push([`${pointer}/template`, value.template])
    }
  }
  look(data.system, '/system')
  look(data.prompt, '/prompt')
  for (const [pointer, message] of mappingsIn(data, 'messages')) look(message.content, `${pointer}/content`)
  for (const [pointer, sink] of mappingsIn(data, 'sinks')) {
    if (typeof sink.template === 'string' && !isInlineTemplate(sink.template)) look(sink, pointer)
  }
  return found
}

function wholeFile(text: string, root: string, path: string): TemplateText {
  return { text, file: relativeToRoot(root, path), line: 1, column: 1 }
}

function inlineTexts(data: JsonObject): string {
  return JSON.stringify([
    data.system ?? '',
    data.prompt ?? '',
    data.messages ?? '',
    data.documents ?? '',
    data.sinks ?? '',
  ])
}

function isUsed(stem: string, texts: string): boolean {
  return new RegExp(`\\{\\{[#~]*>\\s*["'\\\\]*${stem.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`).test(texts)
}
