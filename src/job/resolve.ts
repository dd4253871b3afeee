/** From the checked YAML to the Job: every default applied, every unit counted, every text with its place. */

import type {
  BatchPolicy,
  DatasetSpec,
  DocumentSpec,
  Job,
  MessageSpec,
  OutputSpec,
  ProviderSpec,
  RetryPolicy,
  SinkSpec,
  TemplateText,
  TextSpec,
  ToolHandler,
  ToolSpec,
} from '../core/job.ts'
import { deepFreeze, type JsonObject } from '../core/json.ts'
import { DEFAULTS } from './defaults.ts'
import { isInlineTemplate } from './environment.ts'
import type {
  DatasetYaml,
  DocumentYaml,
  HandlerYaml,
  JobSpec,
  ProviderYaml,
  SinkYaml,
  TextYaml,
  ToolYaml,
} from './spec.ts'
import { parseDuration, parsePoll, parseSize } from './units.ts'

/** What the YAML alone does not say. */
export interface Resolved {
  readonly root: string
  /** The job file, relative to the root. */
  readonly file: string
  readonly defaultName: string
  readonly vars: JsonObject
  /** The texts of template files, by the path as the job has it. */
  readonly texts: ReadonlyMap<string, TemplateText>
  readonly partials: Readonly<Record<string, TemplateText>>
  /** Self-contained schemas by the pointer of the place where they stand in the job. */
  readonly schemas: ReadonlyMap<string, JsonObject>
  /** Where an inline text begins: its file, line and column. */
  textPlace(pointer: string): Pick<TemplateText, 'file' | 'line' | 'column'>
  /** The text as it was written, before `${NAME}` was replaced: what may be a secret never enters the Job. */
  asWritten(pointer: string, text: string): string
}

export function resolveJob(spec: JobSpec, known: Resolved): Job {
  const { root, file, vars, partials } = known
  const params = { max_tokens: DEFAULTS.maxTokens, ...(spec.params as JsonObject | undefined) }
  return deepFreeze<Job>({
    version: 1,
    name: spec.name ?? known.defaultName,
    ...given('description', spec.description),
    root,
    file,
    vars,
    provider: providerOf(spec.provider, known),
    model: spec.model,
    params,
    dataset: datasetOf(spec.dataset as DatasetYaml, known),
    documents: (spec.documents ?? []).map((entry, index) => documentOf(entry, `/documents/${index}`, known)),
    ...given('system', spec.system === undefined ? undefined : textOf(spec.system, '/system', known)),
    messages: messagesOf(spec, known),
    partials,
    tools: (spec.tools ?? []).map((tool, index) => toolOf(tool, `/tools/${index}`, known)),
    maxRounds: spec.max_rounds ?? DEFAULTS.maxRounds,
    ...given('output', outputOf(spec, known)),
    sinks: (spec.sinks ?? []).map((sink, index) => sinkOf(sink as SinkYaml, `/sinks/${index}`, known)),
    onRejected: spec.on_rejected ?? DEFAULTS.onRejected,
    batch: batchOf(spec.batch),
    retry: retryOf(spec.retry),
    gate: { maxErrorRate: spec.gate?.max_error_rate ?? DEFAULTS.maxErrorRate },
    reuse: spec.reuse ?? DEFAULTS.reuse,
    ...given('budget', budgetOf(spec.budget)),
    ...given('prices', spec.prices as JsonObject | undefined),
    store: known.asWritten('/store', spec.store ?? DEFAULTS.store),
  })
}

/** A member that is only there when it has a value. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value }
}

function providerOf(spec: JobSpec['provider'], known: Resolved): ProviderSpec {
  const provider: ProviderYaml = typeof spec === 'string' ? { type: spec } : (spec ?? {})
  const headers = Object.entries(provider.headers ?? {}).map(([name, value]) => {
    return [name, known.asWritten(`/provider/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, value)]
  })
  return {
    type: provider.type ?? DEFAULTS.provider,
    ...given('baseUrl', provider.base_url),
    ...given('apiKeyEnv', provider.api_key_env),
    headers: Object.fromEntries(headers),
    betas: provider.betas ?? [],
    ...given('version', provider.version),
  }
}

const DATASET_NAMES = new Set(['type', 'key', 'where', 'limit', 'sample', 'matrix'])
const SINK_NAMES = new Set(['type', 'select', 'template'])

function datasetOf(dataset: DatasetYaml, known: Resolved): DatasetSpec {
  const { type, key, where, limit, sample, matrix } = dataset
  return {
    type,
    options: optionsOf(dataset, DATASET_NAMES),
    ...given('key', key === undefined ? undefined : inline(key, '/dataset/key', known)),
    ...given('where', where),
    ...given('limit', limit),
    ...given(
      'sample',
      sample === undefined ? undefined : { size: sample.size, seed: sample.seed ?? DEFAULTS.sampleSeed },
    ),
    ...given('matrix', matrix),
  }
}

function sinkOf(sink: SinkYaml, path: string, known: Resolved): SinkSpec {
  const { type, select = DEFAULTS.select, template } = sink
  const text = template === undefined || !isInlineTemplate(template) ? known.texts.get(template ?? '') : undefined
  return {
    type,
    select,
    options: optionsOf(sink, SINK_NAMES),
    ...given('template', template === undefined ? undefined : (text ?? inline(template, `${path}/template`, known))),
  }
}

function optionsOf(component: DatasetYaml | SinkYaml, common: ReadonlySet<string>): JsonObject {
  const own = Object.entries(component).filter(([name, value]) => !common.has(name) && value !== undefined)
  return Object.fromEntries(own) as JsonObject
}

function inline(text: string, pointer: string, known: Resolved): TemplateText {
  return { text, ...known.textPlace(pointer) }
}

function textOf(spec: TextYaml, pointer: string, known: Resolved): TextSpec {
  if (typeof spec === 'string') return { text: inline(spec, pointer, known) }
  const file = 'template' in spec ? known.texts.get(spec.template) : undefined
  const text = file ?? inline('text' in spec ? spec.text : '', `${pointer}/text`, known)
  return { text, ...given('cache', spec.cache) }
}

function messagesOf(spec: JobSpec, known: Resolved): readonly MessageSpec[] {
  if (spec.prompt !== undefined) return [{ role: 'user', content: [textOf(spec.prompt, '/prompt', known)] }]
  return (spec.messages ?? []).map(({ role, content }, index) => {
    const pointer = `/messages/${index}/content`
    if (!Array.isArray(content)) return { role, content: [textOf(content as TextYaml, pointer, known)] }
    return { role, content: content.map((part: TextYaml, at) => textOf(part, `${pointer}/${at}`, known)) }
  })
}

function documentOf(entry: DocumentYaml, path: string, known: Resolved): DocumentSpec {
  const text = (name: 'file' | 'url' | 'text' | 'file_id' | 'title' | 'context'): TemplateText | undefined => {
    const value = entry[name]
    return value === undefined ? undefined : inline(value, `${path}/${name}`, known)
  }
  return {
    ...given('file', text('file')),
    ...given('url', text('url')),
    ...given('text', text('text')),
    ...given('fileId', text('file_id')),
    ...given('title', text('title')),
    ...given('context', text('context')),
    citations: entry.citations ?? DEFAULTS.citations,
    ...given('cache', entry.cache),
    ...given('pages', entry.pages === undefined ? undefined : String(entry.pages).replaceAll(/\s/g, '')),
    upload: entry.upload ?? DEFAULTS.upload,
    path,
  }
}

function toolOf(tool: ToolYaml, path: string, known: Resolved): ToolSpec {
  if ('type' in tool) return { type: 'server', name: tool.name, definition: tool as JsonObject }
  const { name, description, handler } = tool
  return {
    type: 'client',
    name,
    ...given('description', description),
    inputSchema: known.schemas.get(`${path}/input_schema`) ?? {},
    ...given('handler', handler === undefined ? undefined : handlerOf(handler, `${path}/handler`, known)),
  }
}

function handlerOf(handler: HandlerYaml, path: string, known: Resolved): ToolHandler {
  const timeoutMs = parseDuration(handler.timeout ?? DEFAULTS.handlerTimeout) ?? 0
  if (handler.command !== undefined) return { type: 'command', command: handler.command, timeoutMs }
  if (handler.http !== undefined) return { type: 'http', url: known.asWritten(`${path}/http`, handler.http), timeoutMs }
  return { type: 'module', module: handler.module ?? '', export: handler.export ?? DEFAULTS.handlerExport, timeoutMs }
}

function outputOf({ output }: JobSpec, known: Resolved): OutputSpec | undefined {
  if (output === undefined) return undefined
  const { mode = DEFAULTS.outputMode, repair = DEFAULTS.repair } = output
  return { schema: known.schemas.get('/output/schema') ?? {}, mode, repair }
}

function batchOf(batch: JobSpec['batch'] = {}): BatchPolicy {
  const poll = parsePoll(batch.poll ?? DEFAULTS.batch.poll)
  return {
    maxRequests: batch.max_requests ?? DEFAULTS.batch.maxRequests,
    maxBytes: parseSize(batch.max_bytes ?? DEFAULTS.batch.maxBytes) ?? 0,
    maxInFlight: batch.max_in_flight ?? DEFAULTS.batch.maxInFlight,
    pollMinMs: poll?.minMs ?? 0,
    pollMaxMs: poll?.maxMs ?? 0,
    customId: batch.custom_id ?? DEFAULTS.batch.customId,
  }
}

function retryOf(retry: JobSpec['retry'] = {}): RetryPolicy {
  const { max_attempts: maxAttempts = DEFAULTS.maxAttempts, truncated } = retry
  const room = truncated && { grow: truncated.grow ?? DEFAULTS.grow, maxTokens: truncated.max_tokens }
  return { maxAttempts, ...given('truncated', room) }
}

function budgetOf(budget: JobSpec['budget']): Job['budget'] {
  return budget && { maxUsd: budget.max_usd, ...given('confirmAboveUsd', budget.confirm_above_usd) }
}
