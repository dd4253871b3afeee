/** Rules between the keys that say what is asked. */

import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { dottedName } from '../core/pointer.ts'
import { DEFAULTS } from './defaults.ts'
import { type Finding, mappingsIn } from './finding.ts'
import { exactlyOne, type RuleFinding } from './rule.ts'

export function promptOrMessages(data: JsonObject): readonly RuleFinding[] {
  const [finding] = exactlyOne(data, '', ['prompt', 'messages'], 'A job')
  if (finding !== undefined) return [finding]
  const messages = mappingsIn(data, 'messages')
  if (messages.length === 0 || messages.some(([, message]) => message.role !== 'assistant')) return []
  return [{ path: '/messages', at: 'key', message: 'messages needs at least one turn with role: user; it has none.' }]
}

/** A text that is a mapping is a file or a text. */
export function textKinds(data: JsonObject): readonly RuleFinding[] {
  const look = (value: Json | undefined, path: string): RuleFinding[] => {
    if (Array.isArray(value)) return value.flatMap((item: Json, index) => look(item, `${path}/${index}`))
    return isJsonObject(value) ? exactlyOne(value, path, ['template', 'text'], dottedName(path)) : []
  }
  const contents = mappingsIn(data, 'messages').flatMap(([path, { content }]) => look(content, `${path}/content`))
  return [...look(data.system, '/system'), ...look(data.prompt, '/prompt'), ...contents]
}

const DOCUMENT_KINDS = ['file', 'url', 'text', 'file_id']

export function documentKinds(data: JsonObject): readonly RuleFinding[] {
  return mappingsIn(data, 'documents').flatMap(([path, entry]) =>
    exactlyOne(entry, path, DOCUMENT_KINDS, `A document (${dottedName(path)})`),
  )
}

export function documentKeys(data: JsonObject): readonly Finding[] {
  return mappingsIn(data, 'documents').flatMap(([path, entry]) => {
    const kind = DOCUMENT_KINDS.find((name) => Object.hasOwn(entry, name))
    if (kind === undefined || kind === 'file') return []
    return ['pages', 'upload']
      .filter((name) => Object.hasOwn(entry, name))
      .map(
        (name): Finding => ({
          path: `${path}/${name}`,
          at: 'key',
          message: `${dottedName(path)}.${name} works only with "file"; this document is given by "${kind}", which is passed on as it is.`,
          hint: `Remove ${name}, or give the document as a file.`,
        }),
      )
  })
}

export function citationsOrStructured(data: JsonObject): readonly Finding[] {
  const { output } = data
  if (!isJsonObject(output) || (output.mode ?? DEFAULTS.outputMode) !== 'structured') return []
  return mappingsIn(data, 'documents')
    .filter(([, entry]) => entry.citations === true)
    .map(([path]) => ({
      path: `${path}/citations`,
      at: 'value',
      message: 'Citations and structured output cannot be had together: the provider refuses such a request.',
      hint: 'Set output.mode to prompt, or remove citations.',
    }))
}

const HANDLER_KINDS = ['module', 'command', 'http']

export function toolForms(data: JsonObject): readonly RuleFinding[] {
  return mappingsIn(data, 'tools').flatMap(([path, tool]): RuleFinding[] => {
    const { handler } = tool
    if (tool.type === 'custom') {
      return [
        { path: `${path}/type`, at: 'key', message: 'A tool of your own has no "type".', hint: 'Remove this line.' },
      ]
    }
    if (Object.hasOwn(tool, 'type')) {
      if (handler === undefined) return []
      const message = `${dottedName(path)} has a type and so is the provider's own tool, which is passed through; it cannot have a handler.`
      return [{ path: `${path}/handler`, at: 'key', message, hint: 'Remove the handler, or the type.' }]
    }
    if (!isJsonObject(handler)) return []
    const wrong = exactlyOne(handler, `${path}/handler`, HANDLER_KINDS, 'A handler')
    if (wrong.length > 0 || handler.export === undefined || handler.module !== undefined) return wrong
    return [
      {
        path: `${path}/handler/export`,
        at: 'key',
        message: '"export" names a function of a "module", and there is none.',
      },
    ]
  })
}

export function toolNames(data: JsonObject): readonly Finding[] {
  const seen = new Map<Json | undefined, string>()
  return mappingsIn(data, 'tools').flatMap(([path, { name }]): Finding[] => {
    const first = typeof name === 'string' ? seen.get(name) : undefined
    if (first === undefined) seen.set(name, path)
    if (first === undefined) return []
    return [
      {
        path: `${path}/name`,
        at: 'value',
        message: `${dottedName(first)} is called "${name}" already; names of tools must differ.`,
      },
    ]
  })
}

export function reservedParams(data: JsonObject): readonly Finding[] {
  const params = isJsonObject(data.params) ? data.params : {}
  return ['model', 'system', 'messages', 'tools', 'stream']
    .filter((name) => Object.hasOwn(params, name))
    .map(
      (name): Finding => ({
        path: `/params/${name}`,
        at: 'key',
        message:
          name === 'stream'
            ? 'params.stream has no meaning in a batch: its answers are not streamed.'
            : `params.${name} would go against the job's own key "${name}".`,
        hint: name === 'stream' ? 'Remove it.' : `Write ${name} at the top level of the job.`,
      }),
    )
}

/** In mode `structured` the schema is sent in this very parameter. */
export function outputParams(data: JsonObject): readonly Finding[] {
  const { params, output } = data
  if (!isJsonObject(params) || !isJsonObject(params.output_config) || params.output_config.format === undefined)
    return []
  if (!isJsonObject(output) || (output.mode ?? DEFAULTS.outputMode) !== 'structured') return []
  return [
    {
      path: '/params/output_config/format',
      at: 'key',
      message: 'params.output_config.format and output.schema both say what form the answer has.',
      hint: 'Keep output.schema: its answers are checked and repaired.',
    },
  ]
}
