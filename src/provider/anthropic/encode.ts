// Neutral prompt → body of the Messages API. Pure. Key order is fixed, so that equal prompts give equal bytes.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Prompt, PromptMessage, PromptTool } from '../../core/prompt.ts'
import { ANSWER_TOOL } from '../../core/prompt.ts'
import { encodeParts } from './blocks.ts'
import { cacheControl } from './cache-control.ts'
import { acceptableSchema } from './output-schema.ts'

/** For a job that gives no max_tokens; the API refuses a body without. */
export const DEFAULT_MAX_TOKENS = 1024

export function encode(prompt: Prompt): JsonObject {
  const { max_tokens, system, messages, tools, tool_choice, output_config, ...others } = prompt.params
  return withoutAbsent({
    model: prompt.model,
    max_tokens: max_tokens ?? DEFAULT_MAX_TOKENS,
    system: encodeSystem(prompt) ?? system,
    messages: prompt.messages.map(encodeMessage),
    tools: encodeTools(prompt) ?? tools,
    tool_choice: encodeToolChoice(prompt) ?? tool_choice,
    output_config: encodeOutputConfig(prompt, output_config),
    ...others,
  })
}

function encodeSystem({ system }: Prompt): Json | undefined {
  const [only] = system
  if (only === undefined) return undefined
  if (system.length === 1 && only.cache === undefined) return only.text
  return system.map(({ text, cache }) => ({ type: 'text', text, ...cacheControl(cache) }))
}

function encodeMessage({ role, content }: PromptMessage): JsonObject {
  const [only] = content
  if (content.length === 1 && only?.type === 'text' && only.cache === undefined) return { role, content: only.text }
  return { role, content: encodeParts(content) }
}

function encodeTools({ tools, output }: Prompt): Json | undefined {
  const encoded: Json[] = tools.map(encodeTool)
  if (output?.mode === 'tool') {
    encoded.push({ name: ANSWER_TOOL, description: 'Gives the answer.', input_schema: output.schema })
  }
  return encoded.length === 0 ? undefined : encoded
}

function encodeTool(tool: PromptTool): JsonObject {
  if (tool.type === 'server') return tool.definition
  const { name, description, inputSchema } = tool
  return { name, ...(description === undefined ? {} : { description }), input_schema: inputSchema }
}

/** With further tools the model may use those first: it has to call one of them, and `answer` ends the matter. */
function encodeToolChoice({ tools, output }: Prompt): Json | undefined {
  if (output?.mode !== 'tool') return undefined
  return tools.length === 0 ? { type: 'tool', name: ANSWER_TOOL } : { type: 'any' }
}

function encodeOutputConfig({ output }: Prompt, given: Json | undefined): Json | undefined {
  if (output?.mode !== 'structured') return given
  const format = { type: 'json_schema', schema: acceptableSchema(output.schema) }
  return { ...(isJsonObject(given) ? given : {}), format }
}

function withoutAbsent(body: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as JsonObject
}
