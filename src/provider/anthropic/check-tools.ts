// Tools as the API takes them, and whether the model may be forced to use one.

import type { Problem } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { isJsonObject } from '../../core/json.ts'
import { quoted } from '../../core/phrase.ts'
import { ANSWER_TOOL } from '../../core/prompt.ts'
import type { AnthropicModel } from './models.ts'

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/

export function checkTools(job: Job, model: AnthropicModel | undefined): Problem[] {
  return [...checkDeclared(job), ...checkForced(job, model)]
}

function checkDeclared({ tools, output }: Job): Problem[] {
  return tools.flatMap((tool, index) => {
    const problems: Problem[] = []
    if (output?.mode === 'tool' && tool.name === ANSWER_TOOL) {
      const message = `With "output.mode: tool" the tool "${ANSWER_TOOL}" carries the answer, so no other may have that name.`
      problems.push({ path: `/tools/${index}/name`, message, hint: 'Rename the tool.' })
    }
    if (tool.type === 'server') return problems
    if (!TOOL_NAME.test(tool.name)) {
      const message = `A tool's name is 1 to 128 letters, digits, "_" and "-"; it is ${quoted(tool.name)}.`
      problems.push({ path: `/tools/${index}/name`, message })
    }
    if (tool.inputSchema.type !== 'object') {
      const message = `The input of a tool is an object, so its schema must say "type: object".`
      problems.push({ path: `/tools/${index}/input_schema`, message })
    }
    return problems
  })
}

function checkForced({ params, output, model: name }: Job, model: AnthropicModel | undefined): Problem[] {
  const choice = isJsonObject(params.tool_choice) ? params.tool_choice.type : undefined
  const isChosen = choice === 'any' || choice === 'tool'
  if (!isChosen && output?.mode !== 'tool') return []
  const [path, hint] = isChosen
    ? ['/params/tool_choice', 'Leave the choice to the model, or use "output" with "mode: structured" for data.']
    : ['/output/mode', 'Use "mode: structured", or another model.']
  if (model?.forcedTool === false) return [{ path, message: `${name} cannot be forced to use a tool.`, hint }]
  if (isJsonObject(params.thinking) && params.thinking.type === 'enabled') {
    return [{ path, message: 'A model that thinks cannot be forced to use a tool.', hint: 'Remove "thinking".' }]
  }
  return []
}
