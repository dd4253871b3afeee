/** Replaces `${NAME}` in the strings of a job, except in templates. */

import { type Env, fillEnv, namesEnv } from '../core/env-text.ts'
import type { Json } from '../core/json.ts'
import { pointerOf } from '../core/pointer.ts'
import type { Finding } from './finding.ts'

export interface Environment {
  readonly data: Json
  /** Texts that held a `${NAME}`, as they were written, by JSON pointer. */
  readonly written: ReadonlyMap<string, string>
  readonly findings: readonly Finding[]
}

export function fillEnvironment(data: Json, env: Env, isNeeded: (pointer: string) => boolean): Environment {
  const written = new Map<string, string>()
  const findings: Finding[] = []
  const fill = (value: Json, path: readonly string[]): Json => {
    if (typeof value === 'string') {
      if (!namesEnv(value) || isTemplate(path, value)) return value
      const pointer = pointerOf(path)
      const { text, missing } = fillEnv(value, env)
      written.set(pointer, value)
      if (isNeeded(pointer)) findings.push(...missing.map((name) => missingVariable(pointer, name)))
      return text
    }
    if (Array.isArray(value)) return value.map((item: Json, index) => fill(item, [...path, String(index)]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, [...path, name])]))
  }
  return { data: fill(data, []), written, findings }
}

function missingVariable(path: string, name: string): Finding {
  return {
    path,
    at: 'value',
    message: `The environment variable ${name} is not set.`,
    hint: `Set it, or give a default: \${${name}:-default}.`,
  }
}

const DOCUMENT_TEMPLATES = new Set(['file', 'url', 'text', 'file_id', 'title', 'context'])

/** Whether the text at this place of a job is a template, in which `${…}` has no meaning. */
export function isTemplate(path: readonly string[], text: string): boolean {
  const [first, second, third, fourth, fifth] = path
  switch (first) {
    case 'dataset':
      return second === 'key' && path.length === 2
    case 'documents':
      return third !== undefined && DOCUMENT_TEMPLATES.has(third) && path.length === 3
    case 'system':
    case 'prompt':
      return path.length === 1 || second === 'text'
    case 'messages':
      return third === 'content' && fourth !== 'template' && fifth !== 'template'
    case 'sinks':
      return third === 'template' && path.length === 3 && isInlineTemplate(text)
    default:
      return false
  }
}

/** The `template` of a sink is a file, unless it can only be a text. */
export function isInlineTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('\n')
}
