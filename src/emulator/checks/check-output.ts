// The form of the answer that is asked for, and what does not go with it.

import { UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { compileSchema } from '../../core/json-schema.ts'
import { invalidRequest } from '../api-error.ts'
import { isCited } from './check-sources.ts'
import { objectAt, oneOf, onlyKeys } from './fields.ts'

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max']

export function checkOutput(params: JsonObject, isCiting: boolean): void {
  if (params.output_config !== undefined && params.output_config !== null) {
    const config = objectAt(params.output_config, 'output_config')
    onlyKeys(config, ['effort', 'format', 'task_budget'], 'output_config')
    if (config.effort !== undefined && config.effort !== null) oneOf(config.effort, EFFORTS, 'output_config.effort')
    if (config.format !== undefined && config.format !== null)
      checkFormat(config.format, 'output_config.format', isCiting)
  }
  // The older beta's name for it.
  if (params.output_format !== undefined && params.output_format !== null) {
    checkFormat(params.output_format, 'output_format', isCiting)
  }
}

function checkFormat(given: Json, place: string, isCiting: boolean): void {
  const format = objectAt(given, place)
  oneOf(format.type, ['json_schema'], `${place}.type`)
  const schema = objectAt(format.schema, `${place}.schema`)
  if (isCiting) throw invalidRequest('Citations are not supported when structured output is requested.')
  try {
    compileSchema(schema)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw invalidRequest(`${place}.schema: ${error.message}`)
  }
}

/** Whether the documents are cited. Throws unless all are or none. */
export function hasCitations(messages: readonly Json[]): boolean {
  const documents = messages.flatMap((message) => {
    const content = isJsonObject(message) && Array.isArray(message.content) ? (message.content as readonly Json[]) : []
    return content.filter((block): block is JsonObject => isJsonObject(block) && block.type === 'document')
  })
  const cited = documents.filter(isCited).length
  if (cited > 0 && cited < documents.length) {
    throw invalidRequest('Citations must be enabled on all documents or on none.')
  }
  return cited > 0
}
