// Answers as a provider decodes them, and jobs that say what becomes of them.

import type { ClientTool, Job } from '../../src/core/job.ts'
import type { Json } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import type { Answer, Result, ToolCall } from '../../src/core/result.ts'
import { NO_USAGE } from '../../src/core/result.ts'
import { CARRIED_NOTHING, type Carried } from '../../src/run/carried.ts'
import { type Settled, settle } from '../../src/run/settle.ts'
import { jobOf } from '../prompt/jobs.ts'

const ENDS: Readonly<Record<Answer['end'], string>> = {
  complete: 'end_turn',
  tools: 'tool_use',
  truncated: 'max_tokens',
  context_exceeded: 'model_context_window_exceeded',
  paused: 'pause_turn',
  refused: 'refusal',
  unknown: 'brand_new',
}

export function answerOf(text: string, more: Partial<Answer> = {}): Answer {
  const end = more.end ?? 'complete'
  return {
    text,
    content: text === '' ? [] : [{ type: 'text', text }],
    toolCalls: [],
    citations: [],
    end,
    stopReason: ENDS[end],
    model: 'fake-1',
    billing: { batch: true },
    ...more,
  }
}

/** An answer that asks for tools, its blocks included. */
export function callsOf(...calls: readonly { name: string; input?: Json; id?: string }[]): Answer {
  const toolCalls = calls.map(({ name, input = {}, id }, at): ToolCall => ({ id: id ?? `toolu_${at}`, name, input }))
  const content = toolCalls.map((call) => ({ type: 'tool_use', ...call }))
  return answerOf('', { end: 'tools', toolCalls, content })
}

export function toolOf(name: string, isRun = true): ClientTool {
  const handler = { type: 'http', url: 'http://127.0.0.1:1', timeoutMs: 1000 } as const
  return { type: 'client', name, inputSchema: { type: 'object' }, ...(isRun ? { handler } : {}) }
}

export const SCHEMA = {
  type: 'object',
  required: ['title', 'pages'],
  additionalProperties: false,
  properties: { title: { type: 'string' }, pages: { type: 'integer', minimum: 1 } },
} as const

export function outputOf(mode: 'structured' | 'tool' | 'prompt', repair = 1): Partial<Job> {
  return { output: { schema: SCHEMA, mode, repair } }
}

export function settled(job: Partial<Job>, result: Answer | Result, carried: Partial<Carried> = {}): Settled {
  const whole = jobOf('ask', { maxRounds: 3, retry: { maxAttempts: 3 }, ...job })
  const schema = whole.output === undefined ? undefined : compileSchema(whole.output.schema)
  const given: Result = 'type' in result ? result : { type: 'succeeded', answer: result, usage: NO_USAGE }
  return settle({ job: whole, schema }, { ...CARRIED_NOTHING, ...carried }, given)
}
