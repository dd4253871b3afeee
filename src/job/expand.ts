/** The short ways to write a job, written out: what is checked and resolved afterwards has one form only. */

import type { Component } from '../core/component.ts'
import { isJsonObject, type Json } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { Finding } from './finding.ts'
import type { Catalog } from './schema.ts'

/** The source of documents, which also takes what no other source claims as its own: images, texts, whole folders. */
const FILES = 'files'
const DOCUMENT_EXTENSIONS = ['.pdf', '.png', '.jpg', '.jpeg', '.gif', '.webp', '.txt', '.md', '.html', '.htm', '.xml']

export interface Expanded {
  readonly data: Json
  readonly findings: readonly Finding[]
}

/** `provider: x`, `dataset: path` and `sinks: [path]` become mappings with a type. */
export function expandShorthands(data: Json, catalog: Catalog): Expanded {
  if (!isJsonObject(data)) return { data, findings: [] }
  const findings: Finding[] = []
  const expanded: Record<string, Json> = { ...data }
  if (typeof data.provider === 'string') expanded.provider = { type: data.provider }
  if (typeof data.dataset === 'string' && data.dataset !== '') {
    const type = sourceTypeFor(data.dataset, catalog.sources)
    if (type === undefined) findings.push(unknownExtension('/dataset', data.dataset, catalog.sources))
    else expanded.dataset = { type, path: data.dataset }
  }
  if (Array.isArray(data.sinks)) {
    expanded.sinks = data.sinks.map((sink: Json, index) => {
      if (typeof sink !== 'string' || sink === '') return sink
      const type = typeForPath(sink, catalog.sinks)
      if (type === undefined) findings.push(unknownExtension(`/sinks/${index}`, sink, catalog.sinks))
      return type === undefined ? sink : { type, path: sink }
    })
  }
  return { data: expanded, findings }
}

/** The type of the component that claims the path's extension, `.gz` taken off; undefined: none does. */
export function typeForPath(path: string, components: readonly Component[]): string | undefined {
  const name = path.toLowerCase().replace(/\.gz$/, '')
  return components.find((component) => component.extensions?.some((extension) => name.endsWith(extension)))?.type
}

function sourceTypeFor(path: string, sources: readonly Component[]): string | undefined {
  const type = typeForPath(path, sources)
  if (type !== undefined || !sources.some((source) => source.type === FILES)) return type
  const isDocument = DOCUMENT_EXTENSIONS.some((extension) => path.toLowerCase().endsWith(extension))
  return isDocument || /[*?}\]/]$/.test(path) ? FILES : undefined
}

function unknownExtension(path: string, given: string, components: readonly Component[]): Finding {
  const extension = /\.[^./\\]+$/.exec(given.toLowerCase().replace(/\.gz$/, ''))?.[0]
  const known = components.flatMap((component) => component.extensions ?? [])
  const meant = extension === undefined ? undefined : nearest(extension, known)
  const mapping = `Write a mapping with a type for anything else: { type: …, path: ${given} }.`
  return {
    path,
    at: 'value',
    message: `${extension === undefined ? `${quoted(given)} has no extension` : `The extension ${extension} is not known`}, so the type cannot be told from the path; it is known for ${listed(known)} (and .gz of each).`,
    hint: meant === undefined ? mapping : `Did you mean ${meant}? ${mapping}`,
  }
}
