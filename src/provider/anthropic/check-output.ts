// Structured answers, citations and prefilled answers exclude one another, and not every model can each of them.

import type { Problem } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { isJsonObject } from '../../core/json.ts'
import { checkStructuredSchema } from './check-schema.ts'
import type { AnthropicModel } from './models.ts'

export function checkOutput(job: Job, model: AnthropicModel | undefined): Problem[] {
  return [...checkSchema(job), ...checkStructured(job, model), ...checkPrefill(job, model)]
}

function checkSchema({ output }: Job): Problem[] {
  if (output?.mode === 'structured') return checkStructuredSchema(output.schema, '/output/schema')
  if (output?.mode === 'tool' && output.schema.type !== 'object') {
    const message = `With "mode: tool" the answer is the input of a tool, which is an object; the schema must say "type: object".`
    return [{ path: '/output/schema', message, hint: 'Put the answer into a property, or use another mode.' }]
  }
  return []
}

function isStructured({ output, params }: Job): boolean {
  const config = params.output_config
  return output?.mode === 'structured' || (isJsonObject(config) && isJsonObject(config.format))
}

function checkStructured(job: Job, model: AnthropicModel | undefined): Problem[] {
  if (!isStructured(job)) return []
  const problems: Problem[] = []
  if (model?.structuredOutput === false) {
    const message = `${job.model} has no structured outputs.`
    problems.push({ path: '/output/mode', message, hint: 'Use "mode: tool" or "mode: prompt", or another model.' })
  }
  for (const document of job.documents) {
    if (!document.citations) continue
    problems.push({
      path: `${document.path}/citations`,
      message: 'A structured answer cannot cite its documents.',
      hint: 'Remove "citations", or use "mode: prompt" for the output.',
    })
  }
  return problems
}

/** A last turn of the assistant is the beginning of the answer. */
function checkPrefill(job: Job, model: AnthropicModel | undefined): Problem[] {
  const last = job.messages.length - 1
  if (job.messages[last]?.role !== 'assistant') return []
  const path = `/messages/${last}`
  const hint = 'End the messages with a user turn, and say there how the answer should begin.'
  if (model?.prefill === false) {
    return [{ path, message: `${job.model} does not take the beginning of its answer from the job.`, hint }]
  }
  if (!isStructured(job)) return []
  return [{ path, message: 'A structured answer cannot begin with a text from the job.', hint }]
}
