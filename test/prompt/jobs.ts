import type { DocumentSpec, Job, TemplateText } from '../../src/core/job.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Prompt } from '../../src/core/prompt.ts'
import type { Row } from '../../src/core/row.ts'
import type { ModelSpec, Provider } from '../../src/provider/provider.ts'

export function inline(text: string, line = 1): TemplateText {
  return { text, file: 'jobs/demo.yaml', line, column: 1 }
}

/** A job that asks `prompt`, with other members over it. */
export function jobOf(prompt: string, more: Partial<Job> = {}): Job {
  return {
    version: 1,
    name: 'demo',
    root: '/nowhere',
    file: 'jobs/demo.yaml',
    vars: { language: 'English' },
    provider: { type: 'fake', headers: {}, betas: [] },
    model: 'fake-1',
    params: { max_tokens: 1024 },
    dataset: { type: 'rows', options: {} },
    documents: [],
    messages: [{ role: 'user', content: [{ text: inline(prompt) }] }],
    partials: {},
    tools: [],
    maxRounds: 1,
    sinks: [],
    onRejected: 'stop',
    batch: { maxRequests: 10, maxBytes: 1e6, maxInFlight: 1, pollMinMs: 1, pollMaxMs: 1, customId: 'readable' },
    retry: { maxAttempts: 1 },
    reuse: false,
    store: 'memory:',
    ...more,
  }
}

export function documentOf(more: Partial<DocumentSpec>): DocumentSpec {
  return { citations: false, upload: 'inline', path: '/documents/0', ...more }
}

export function rowOf(fields: JsonObject, ordinal = 0): Row {
  return { ordinal, key: `row-${ordinal}`, fields, place: { file: 'data/rows.jsonl', line: ordinal + 1 } }
}

export const fakeModel: ModelSpec = {
  id: 'fake-1',
  contextTokens: 200_000,
  maxOutputTokens: 8192,
  state: 'active',
  pdf: true,
  structuredOutput: true,
  forcedTool: true,
  prefill: true,
  maxPdfPages: 5,
  maxImages: 3,
  prices: [],
  batchFactor: 0.5,
}

/** A dialect of its own: other names, another order, a document's bytes inside a longer text. */
export const fakeProvider: Pick<Provider, 'encode' | 'limits'> = {
  limits: {
    maxRequests: 10,
    maxBytes: 1e7,
    maxRequestBytes: 1e6,
    customId: { maxLength: 64, pattern: /^[\w-]+$/ },
    overhead: { batch: 2, request: 20 },
  },
  encode: fakeEncode,
}

export function fakeEncode({ model, params, system, messages, tools, output }: Prompt): JsonObject {
  return JSON.parse(
    JSON.stringify({
      turns: messages.map(({ role, content }) => ({
        role,
        say: content.map((part) => {
          if (part.type === 'text') return part
          const { source, mediaType } = part
          const url = source.type === 'base64' ? `data:${mediaType};base64,${source.data}` : undefined
          return { ...part, source: url ?? source }
        }),
      })),
      instructions: system,
      tools,
      output: output ?? null,
      ...params,
      model,
    }),
  ) as JsonObject
}
