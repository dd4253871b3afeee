/**
 * What becomes of a row when an attempt's result is in. Pure: policy, what the row carries and the result go in; the
 * outcome it would have now and, where one more trip is allowed, that trip come out. One mechanism for all five reasons
 * to ask again.
 */

import { answerRoom } from '../core/answer-room.ts'
import type { Job } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import type { CompiledSchema } from '../core/json-schema.ts'
import type { FollowUpEdit } from '../core/prompt.ts'
import { ANSWER_TOOL } from '../core/prompt.ts'
import type { Answer, Result, Status, ToolCall } from '../core/result.ts'
import { assistantTurn } from './assistant-turn.ts'
import type { Carried, FollowUpKind } from './carried.ts'
import { checkOutput } from './check-output.ts'
import { repairMessages } from './repair.ts'

export interface SettlePolicy {
  readonly job: Job
  /** Compiled `output.schema`; absent: any text is an answer. */
  readonly schema: CompiledSchema | undefined
}

/** A row's outcome as far as one result decides it. */
export interface Final {
  readonly status: Status
  readonly output: Json
  readonly text: string | null
  readonly stopReason: string | null
  readonly model: string | null
  readonly error: { readonly type: string; readonly message: string } | null
  readonly citations: readonly Json[]
  readonly toolCalls: readonly ToolCall[]
}

export interface FollowUp {
  readonly kind: FollowUpKind
  /** How the body changes; absent: the same body again, or (kind `tools`) once the calls have been run. */
  readonly edit?: FollowUpEdit
  /** For kind `tools`: what to run, and the model's turn that goes before the results. */
  readonly tools?: { readonly calls: readonly ToolCall[]; readonly assistant: Json }
  /** Counters for the next line; attempts, rounds and usage are added by the caller. */
  readonly spent: Pick<Carried, 'transient' | 'growths' | 'repairs' | 'turns'>
}

export interface Settled {
  /** The outcome if nothing more is sent. */
  readonly final: Final
  readonly followUp?: FollowUp
  /** Why the whole run has to stop: an account fault that every further request would meet. */
  readonly stop?: string
}

export function settle(policy: SettlePolicy, carried: Carried, result: Result): Settled {
  switch (result.type) {
    case 'succeeded':
      return settleAnswer(policy, carried, result.answer)
    case 'errored': {
      const final = failed('errored', result.code, result.message)
      if (result.kind === 'invalid') return { final }
      if (result.kind === 'account') {
        const stop = `The provider answers "${result.code}: ${result.message}", and would answer it to every further request.`
        return { final, stop, followUp: { kind: 'again', spent: counters(carried) } }
      }
      return again(policy, carried, final)
    }
    case 'expired':
      return again(policy, carried, failed('expired', 'expired', 'The batch expired before the request was processed.'))
    case 'canceled':
      return { final: failed('canceled', 'canceled', 'The request was canceled before it was processed.') }
  }
}

/** The outcome of a row that has no answer. */
export function failed(status: Status, type: string, message: string): Final {
  return {
    status,
    output: null,
    text: null,
    stopReason: null,
    model: null,
    error: { type, message },
    citations: [],
    toolCalls: [],
  }
}

function settleAnswer(policy: SettlePolicy, carried: Carried, answer: Answer): Settled {
  switch (answer.end) {
    case 'refused':
      return { final: answered('refused', answer, null, { type: 'refusal', message: refusalWords(answer) }) }
    case 'truncated':
      return settleTruncated(policy, carried, answer)
    case 'context_exceeded':
      return { final: incomplete(answer, 'The prompt and the answer together exceed what the model can hold.') }
    case 'paused':
      return settlePaused(policy, carried, answer)
    case 'tools':
      return isAnswerCall(policy, answer)
        ? settleContent(policy, carried, answer)
        : settleToolCalls(policy, carried, answer)
    default:
      return settleContent(policy, carried, answer)
  }
}

function settleTruncated({ job }: SettlePolicy, carried: Carried, answer: Answer): Settled {
  const final = incomplete(answer, 'The answer was cut off at max_tokens.')
  const growth = job.retry.truncated
  if (growth === undefined || carried.growths + 1 >= job.retry.maxAttempts) return { final }
  const before = answerRoom(job, carried.growths)
  const maxTokens = answerRoom(job, carried.growths + 1)
  if (maxTokens <= before) return { final }
  return {
    final,
    followUp: {
      kind: 'more_room',
      edit: { type: 'more_room', maxTokens },
      spent: { ...counters(carried), growths: carried.growths + 1 },
    },
  }
}

function settlePaused({ job }: SettlePolicy, carried: Carried, answer: Answer): Settled {
  const final = incomplete(answer, 'The provider paused its tool loop, and no further round is allowed (max_rounds).')
  if (carried.turns + 1 >= job.maxRounds) return { final }
  const edit: FollowUpEdit = { type: 'append', messages: [assistantTurn(answer.content)] }
  return { final, followUp: { kind: 'continue', edit, spent: { ...counters(carried), turns: carried.turns + 1 } } }
}

/** In output mode `tool` a call of that tool is the answer, whatever else was called beside it. */
function isAnswerCall({ job }: SettlePolicy, { toolCalls }: Answer): boolean {
  return job.output?.mode === 'tool' && toolCalls.some((call) => call.name === ANSWER_TOOL)
}

function settleToolCalls({ job }: SettlePolicy, carried: Carried, answer: Answer): Settled {
  const { toolCalls: calls } = answer
  // Calls that nobody here runs are the answer: the job's owner reads them in the outcome.
  if (!isRunnable(job, calls)) {
    return { final: answered('succeeded', answer, job.output === undefined ? answer.text : null, null) }
  }
  if (carried.turns + 1 >= job.maxRounds) {
    return { final: incomplete(answer, `The model still asks for tools after ${job.maxRounds} rounds (max_rounds).`) }
  }
  return {
    final: incomplete(answer, 'The model waits for tool results that were not sent any more.'),
    followUp: {
      kind: 'tools',
      tools: { calls, assistant: answer.content },
      spent: { ...counters(carried), turns: carried.turns + 1 },
    },
  }
}

/** A call of a tool that the job does not know is answered with an error, where the job runs tools at all. */
function isRunnable({ tools }: Job, calls: readonly ToolCall[]): boolean {
  const declared = tools.filter((tool) => tool.type === 'client')
  const returned = declared.filter((tool) => tool.handler === undefined)
  return (
    calls.length > 0 &&
    returned.length < declared.length &&
    !calls.some((call) => returned.some((tool) => tool.name === call.name))
  )
}

function settleContent(policy: SettlePolicy, carried: Carried, answer: Answer): Settled {
  const { job, schema } = policy
  if (job.output === undefined || schema === undefined) {
    if (answer.text.trim() === '' && answer.toolCalls.length === 0) {
      return { final: answered('invalid', answer, null, { type: 'empty_answer', message: 'The answer has no text.' }) }
    }
    return { final: answered('succeeded', answer, answer.text, null) }
  }
  const { mode, repair } = job.output
  const { value, violations } = checkOutput(mode, schema, answer)
  if (violations.length === 0) return { final: answered('succeeded', withoutAnswerCall(mode, answer), value, null) }
  const final = answered('invalid', answer, null, { type: 'invalid_output', message: violations.join(' ') })
  if (carried.repairs >= repair) return { final }
  const edit: FollowUpEdit = { type: 'append', messages: repairMessages(mode, answer, violations) }
  return { final, followUp: { kind: 'repair', edit, spent: { ...counters(carried), repairs: carried.repairs + 1 } } }
}

/** The call that carried a valid answer is the output and no call any more. What is invalid is kept as it came. */
function withoutAnswerCall(mode: 'structured' | 'tool' | 'prompt', answer: Answer): Answer {
  if (mode !== 'tool') return answer
  return { ...answer, toolCalls: answer.toolCalls.filter((call) => call.name !== ANSWER_TOOL) }
}

function again({ job }: SettlePolicy, carried: Carried, final: Final): Settled {
  if (carried.transient + 1 >= job.retry.maxAttempts) return { final }
  return { final, followUp: { kind: 'again', spent: { ...counters(carried), transient: carried.transient + 1 } } }
}

function counters(carried: Carried): FollowUp['spent'] {
  const { transient, growths, repairs, turns } = carried
  return { transient, growths, repairs, turns }
}

function incomplete(answer: Answer, message: string): Final {
  return answered('incomplete', answer, null, { type: answer.stopReason, message })
}

function answered(status: Status, answer: Answer, output: Json, error: Final['error']): Final {
  return {
    status,
    output,
    text: answer.text,
    stopReason: answer.stopReason,
    model: answer.model,
    error,
    citations: answer.citations,
    toolCalls: answer.toolCalls,
  }
}

function refusalWords(answer: Answer): string {
  const details = answer.stopDetails
  if (typeof details === 'object' && details !== null && !Array.isArray(details)) {
    const { category, explanation } = details as { category?: Json; explanation?: Json }
    const words = [category, explanation].filter((word) => typeof word === 'string' && word !== '')
    if (words.length > 0) return `The model refused: ${words.join(': ')}`
  }
  return 'The model refused to answer.'
}
