/** What must hold between the keys of a job, and better words for what the schema can only refuse. */

import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { listed, quoted } from '../core/phrase.ts'
import { dottedName } from '../core/pointer.ts'
import { DEFAULTS } from './defaults.ts'
import { type Finding, mappingsIn } from './finding.ts'
import { parsePoll } from './units.ts'

/** A rule's finding, and which words of the schema it stands in for: those about one of `names` in the mapping at `path`. */
export interface RuleFinding extends Finding {
  readonly instead?: { readonly path: string; readonly names: readonly string[]; readonly isMissing: boolean }
}

/** A rule sees the data before it is known to fit the schema, and passes over whatever has another form. */
export type Rule = (data: JsonObject) => readonly RuleFinding[]

export const RULES: readonly Rule[] = [
  promptOrMessages,
  documentKinds,
  documentKeys,
  citationsOrStructured,
  toolForms,
  toolNames,
  reservedParams,
  outputParams,
  roomToGrow,
  pollRange,
  matrixNames,
  sinkPaths,
]

/** Exactly one of `names` in the mapping. */
function exactlyOne(owner: JsonObject, path: string, names: readonly string[], noun: string): RuleFinding[] {
  const given = names.filter((name) => Object.hasOwn(owner, name))
  if (given.length === 1) return []
  const instead = { path, names, isMissing: given.length === 0 }
  if (given.length === 0) {
    const [first = ''] = names
    return [
      {
        path,
        at: 'key',
        message: `${noun} needs one of ${listed(names.map(quoted))}; it has none.`,
        hint: `Add the one you want, for example \`${first}: …\`.`,
        instead,
      },
    ]
  }
  const message = `${noun} has ${listed(given.map(quoted), 'and')}; only one of ${listed(names.map(quoted))} is allowed.`
  return [{ path: `${path}/${given[1]}`, at: 'key', message, hint: 'Keep one and remove the rest.', instead }]
}

function promptOrMessages(data: JsonObject): readonly RuleFinding[] {
  const [finding] = exactlyOne(data, '', ['prompt', 'messages'], 'A job')
  if (finding !== undefined) return [finding]
  const messages = mappingsIn(data, 'messages')
  if (messages.length === 0 || messages.some(([, message]) => message.role !== 'assistant')) return []
  return [{ path: '/messages', at: 'key', message: 'messages needs at least one turn with role: user; it has none.' }]
}

const DOCUMENT_KINDS = ['file', 'url', 'text', 'file_id']

function documentKinds(data: JsonObject): readonly RuleFinding[] {
  return mappingsIn(data, 'documents').flatMap(([path, entry]) =>
    exactlyOne(entry, path, DOCUMENT_KINDS, `A document (${dottedName(path)})`),
  )
}

function documentKeys(data: JsonObject): readonly Finding[] {
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

function citationsOrStructured(data: JsonObject): readonly Finding[] {
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

function toolForms(data: JsonObject): readonly RuleFinding[] {
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

function toolNames(data: JsonObject): readonly Finding[] {
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

function reservedParams(data: JsonObject): readonly Finding[] {
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
function outputParams(data: JsonObject): readonly Finding[] {
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

function roomToGrow(data: JsonObject): readonly Finding[] {
  const given = isJsonObject(data.params) ? data.params.max_tokens : undefined
  const first = typeof given === 'number' ? given : DEFAULTS.maxTokens
  const truncated = isJsonObject(data.retry) ? data.retry.truncated : undefined
  const most = isJsonObject(truncated) ? truncated.max_tokens : undefined
  if (typeof most !== 'number' || most > first) return []
  return [
    {
      path: '/retry/truncated/max_tokens',
      at: 'value',
      message: `retry.truncated.max_tokens must be more than params.max_tokens, which is ${first}; it is ${most}.`,
      hint: 'Cut-off answers are asked again with more room than before.',
    },
  ]
}

function pollRange(data: JsonObject): readonly Finding[] {
  const poll = isJsonObject(data.batch) && typeof data.batch.poll === 'string' ? data.batch.poll : ''
  const range = parsePoll(poll)
  if (range === undefined || (range.minMs > 0 && range.minMs <= range.maxMs)) return []
  const wish = range.minMs > 0 ? 'must go from the shorter to the longer time' : 'must be longer than nothing'
  return [{ path: '/batch/poll', at: 'value', message: `batch.poll ${wish}; it is ${quoted(poll)}.` }]
}

/** Names that templates already know. */
function matrixNames(data: JsonObject): readonly Finding[] {
  const matrix = isJsonObject(data.dataset) && isJsonObject(data.dataset.matrix) ? data.dataset.matrix : {}
  return ['vars', 'job', 'file']
    .filter((name) => Object.hasOwn(matrix, name))
    .map(
      (name): Finding => ({
        path: `/dataset/matrix/${name}`,
        at: 'key',
        message: `"${name}" has a meaning of its own in templates and cannot be a name in matrix.`,
        hint: 'Choose another name.',
      }),
    )
}

/** Two sinks with one path would overwrite each other, and a sink must never overwrite the dataset. */
function sinkPaths(data: JsonObject): readonly Finding[] {
  const source = isJsonObject(data.dataset) ? data.dataset.path : undefined
  const taken = new Map<Json, string>(
    (Array.isArray(source) ? source : [source ?? null]).map((path: Json) => [path, 'dataset']),
  )
  return mappingsIn(data, 'sinks').flatMap(([pointer, { path }]): Finding[] => {
    if (typeof path !== 'string') return []
    const owner = taken.get(path)
    if (owner === undefined) taken.set(path, dottedName(pointer))
    if (owner === undefined) return []
    const message =
      owner === 'dataset'
        ? `${dottedName(pointer)} would overwrite ${quoted(path)}, from which the rows come.`
        : `${dottedName(pointer)} would overwrite ${quoted(path)}, which ${owner} writes.`
    return [{ path: `${pointer}/path`, at: 'value', message, hint: 'Give each sink a path of its own.' }]
  })
}
