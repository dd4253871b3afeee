// `params` is passed on as it stands, so what the API refuses in it, or what we set ourselves, is said here.

import type { Problem } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { isJsonObject } from '../../core/json.ts'
import { counted, describeValue, listed, quoted } from '../../core/phrase.ts'
import type { AnthropicModel, Thinking } from './models.ts'
import { CURRENT_VERSION, LONG_OUTPUT_BETA, LONG_OUTPUT_TOKENS } from './version.ts'

export function checkParams(job: Job, model: AnthropicModel | undefined): Problem[] {
  return [
    ...checkOurs(job),
    ...checkRefused(job),
    ...checkSampling(job),
    ...checkMaxTokens(job, model),
    ...checkThinking(job, model),
  ]
}

function problem(name: string, message: string, hint?: string): Problem {
  return { path: `/params/${name}`, message, ...(hint === undefined ? {} : { hint }) }
}

/** What we build from other parts of the job would be overwritten, or would overwrite. */
function checkOurs({ params, system, tools, output }: Job): Problem[] {
  const problems: Problem[] = []
  const clash = (name: string, instead: string): void => {
    if (params[name] !== undefined)
      problems.push(problem(name, `"${name}" is given in params and made from ${instead}.`, `Remove it from params.`))
  }
  clash('model', '"model"')
  clash('messages', '"prompt" or "messages"')
  clash('custom_id', "the row's key")
  if (system !== undefined) clash('system', '"system"')
  if (tools.length > 0) clash('tools', '"tools"')
  else if (output?.mode === 'tool') clash('tools', '"output.mode: tool"')
  if (output?.mode === 'tool') clash('tool_choice', '"output.mode: tool"')
  if (output?.mode === 'structured' && isJsonObject(params.output_config) && 'format' in params.output_config) {
    const message = '"output_config.format" is given in params and made from "output.schema".'
    problems.push(problem('output_config/format', message, 'Remove it from params.'))
  }
  return problems
}

function checkRefused({ params }: Job): Problem[] {
  const problems: Problem[] = []
  if (params.stream !== undefined && params.stream !== false) {
    problems.push(problem('stream', 'A batch cannot stream its answers.', 'Remove "stream".'))
  }
  if (params.speed !== undefined) {
    problems.push(problem('speed', 'A batch has no fast mode.', 'Remove "speed".'))
  }
  if (params.fallbacks !== undefined) {
    problems.push(problem('fallbacks', 'A batch takes no fallback models.', 'Remove "fallbacks".'))
  }
  return problems
}

function checkSampling({ params, provider }: Job): Problem[] {
  if ((provider.version ?? CURRENT_VERSION) !== CURRENT_VERSION) return []
  return ['temperature', 'top_p', 'top_k']
    .filter((name) => params[name] !== undefined)
    .map((name) =>
      problem(
        name,
        `The API version ${CURRENT_VERSION} takes no "${name}", not even its default; every request would be refused.`,
        `Remove it, or ask for the older version: "provider: { type: anthropic, version: '2023-06-01' }".`,
      ),
    )
}

function checkMaxTokens({ params, model: name, provider }: Job, model: AnthropicModel | undefined): Problem[] {
  const value = params.max_tokens
  if (value === undefined) return []
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    const message = `"max_tokens" must be a whole number from 1; it is ${describeValue(value)}.`
    return [problem('max_tokens', message)]
  }
  if (model === undefined) return []
  const isLong = model.longOutput && provider.betas.includes(LONG_OUTPUT_BETA)
  const cap = isLong ? LONG_OUTPUT_TOKENS : model.maxOutputTokens
  if (value <= cap) return []
  const most = `${name} answers with at most ${counted(cap, 'token')}`
  const beta = `Ask for less, or add "${LONG_OUTPUT_BETA}" to provider.betas for up to ${counted(LONG_OUTPUT_TOKENS, 'token')}.`
  const hint = model.longOutput && !isLong ? beta : 'Ask for less.'
  return [problem('max_tokens', `${most}; "max_tokens" is ${value}.`, hint)]
}

function checkThinking({ params, model: name }: Job, model: AnthropicModel | undefined): Problem[] {
  const { thinking } = params
  if (!isJsonObject(thinking)) return []
  const { type, budget_tokens: budget } = thinking
  const problems: Problem[] = []
  if (model !== undefined && typeof type === 'string' && !model.thinking.includes(type as Thinking)) {
    const allowed = listed(model.thinking.map((mode) => `"${mode}"`))
    problems.push(problem('thinking/type', `${name} takes no thinking of type ${quoted(type)}; it takes ${allowed}.`))
  }
  if (type === 'enabled' && typeof budget === 'number') {
    const most = typeof params.max_tokens === 'number' ? params.max_tokens : Number.POSITIVE_INFINITY
    if (budget < 1024 || budget >= most) {
      const message = `"budget_tokens" must be at least 1024 and less than "max_tokens" (${describeValue(params.max_tokens)}); it is ${budget}.`
      problems.push(problem('thinking/budget_tokens', message))
    }
  }
  return problems
}
