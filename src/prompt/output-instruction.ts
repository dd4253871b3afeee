import type { JsonObject } from '../core/json.ts'

/**
 * What is added to the last user message in mode `prompt`, where the provider itself does not hold the model to a
 * schema. Plain words work with every model; the schema comes last, next to the answer.
 */
export function outputInstruction(schema: JsonObject): string {
  return [
    'Answer with one JSON value and nothing else: no sentence before or after it and no code fence.',
    'The JSON must be valid against this JSON Schema:',
    JSON.stringify(schema),
  ].join('\n')
}
