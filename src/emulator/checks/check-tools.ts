// Tools, the choice between them, and that every call of one is followed by its result.

import { UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { compileSchema } from '../../core/json-schema.ts'
import { invalidRequest } from '../api-error.ts'
import type { ModelFacts } from '../models.ts'
import { listAt, objectAt, oneOf, stringAt } from './fields.ts'

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/

export function checkTools(tools: Json | undefined): void {
  if (tools === undefined || tools === null) return
  const names = new Set<string>()
  for (const [at, given] of listAt(tools, 'tools').entries()) {
    const place = `tools.${at}`
    const tool = objectAt(given, place)
    const isCustom = tool.type === undefined || tool.type === null || tool.type === 'custom'
    if (tool.type === 'mcp_toolset') continue
    const name = stringAt(tool.name, isCustom ? `${place}.custom.name` : `${place}.${tool.type}.name`)
    if (isCustom) checkCustomTool(tool, name, `${place}.custom`)
    if (names.has(name)) throw invalidRequest('tools: Tool names must be unique.')
    names.add(name)
  }
}

function checkCustomTool(tool: JsonObject, name: string, place: string): void {
  if (!TOOL_NAME.test(name)) {
    throw invalidRequest(`${place}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
  }
  const schema = objectAt(tool.input_schema, `${place}.input_schema`)
  if (schema.type === undefined) throw invalidRequest(`${place}.input_schema.type: Field required`)
  if (schema.type !== 'object') throw invalidRequest(`${place}.input_schema.type: Input should be 'object'`)
  try {
    compileSchema(schema)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw invalidRequest(`${place}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12.`)
  }
  if (tool.description !== undefined && tool.description !== null) stringAt(tool.description, `${place}.description`)
}

export function checkToolChoice(params: JsonObject, model: ModelFacts): void {
  if (params.tool_choice === undefined || params.tool_choice === null) return
  const choice = objectAt(params.tool_choice, 'tool_choice')
  const type = oneOf(choice.type, ['auto', 'any', 'tool', 'none'], 'tool_choice.type')
  const tools = Array.isArray(params.tools) ? (params.tools as readonly Json[]) : []
  if (type === 'auto' || type === 'none') return
  if (tools.length === 0) throw invalidRequest('tool_choice: may only be specified while providing tools.')
  if (!model.forcedTool) throw invalidRequest(`tool_choice.type: "${type}" is not supported by ${model.id}`)
  const thinking = isJsonObject(params.thinking) ? params.thinking.type : undefined
  if (thinking === 'enabled' || thinking === 'adaptive') {
    throw invalidRequest('Thinking may not be enabled when tool_choice forces tool use.')
  }
  if (type !== 'tool') return
  const name = stringAt(choice.name, 'tool_choice.tool.name')
  if (!tools.some((tool) => isJsonObject(tool) && tool.name === name)) {
    throw invalidRequest(`Tool '${name}' not found in provided tools`)
  }
}

/** Calls without results, and results without calls, are refused. */
export function checkToolPairs(messages: readonly Json[]): void {
  let waiting: ReadonlySet<string> = new Set()
  for (const [at, message] of messages.entries()) {
    const results = idsOf(message, 'tool_result', 'tool_use_id')
    for (const [place, id] of results) {
      if (!waiting.has(id)) {
        throw invalidRequest(
          `messages.${at}.content.${place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        )
      }
    }
    const answered = new Set(results.map(([, id]) => id))
    const missing = [...waiting].filter((id) => !answered.has(id))
    if (missing.length > 0) {
      throw invalidRequest(
        `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      )
    }
    waiting = new Set(idsOf(message, 'tool_use', 'id').map(([, id]) => id))
  }
}

function idsOf(message: Json, type: string, field: string): [number, string][] {
  const content = isJsonObject(message) && Array.isArray(message.content) ? (message.content as readonly Json[]) : []
  return content.flatMap((block, place): [number, string][] => {
    if (!isJsonObject(block) || block.type !== type) return []
    const id = block[field]
    return typeof id === 'string' ? [[place, id]] : []
  })
}
