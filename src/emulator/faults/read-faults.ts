// A fault list as it was written → rules. Everything that is wrong is said at once, with the rule's number.

import { type Problem, UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { CALL_NAMES, type CallName } from '../state/calls.ts'
import type { CallFault, FaultRule, RequestFault } from './fault.ts'

const REQUEST_FLAGS = ['expired', 'canceled', 'truncated', 'refusal', 'invalid_json', 'missing'] as const
const CALL_KEYS = ['cut', 'status', 'retry_after', 'message', 'error_code', 'truncate', 'delay_ms']
const STATUSES = [400, 401, 402, 403, 404, 409, 413, 429, 500, 502, 503, 504, 529]

/** Throws UserError with a problem for every rule that is wrong. */
export function readFaults(value: Json): FaultRule[] {
  const list = isJsonObject(value) && Array.isArray(value.faults) ? value.faults : value
  if (list === null) return []
  if (!Array.isArray(list))
    throw new UserError('Faults are a list of rules such as {on: create, nth: [1], do: {cut: after}}.')
  const problems: Problem[] = []
  const rules: FaultRule[] = []
  for (const [place, rule] of (list as readonly Json[]).entries()) {
    try {
      rules.push(readRule(rule))
    } catch (error) {
      if (!(error instanceof WrongRule)) throw error
      problems.push({ message: `Fault rule ${place + 1}: ${error.message}`, path: `/${place}` })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return rules
}

class WrongRule extends Error {}

function readRule(rule: Json): FaultRule {
  if (!isJsonObject(rule)) throw new WrongRule(`a rule is a mapping with "on" and "do"; this is ${show(rule)}.`)
  const unknown = Object.keys(rule).find((key) => !['on', 'nth', 'rate', 'match', 'attempts', 'do'].includes(key))
  if (unknown !== undefined)
    throw new WrongRule(`unknown key "${unknown}"; allowed are on, nth, rate, match, attempts, do.`)
  const names: readonly string[] = [...CALL_NAMES, 'request']
  if (typeof rule.on !== 'string' || !names.includes(rule.on)) {
    throw new WrongRule(`"on" must be one of ${names.join(', ')}; it is ${show(rule.on)}.`)
  }
  if (!isJsonObject(rule.do) || Object.keys(rule.do).length === 0) {
    throw new WrongRule(`"do" must say what goes wrong, for example {status: 529}; it is ${show(rule.do)}.`)
  }
  const condition = readCondition(rule)
  if (rule.on === 'request') {
    return { on: 'request', ...condition, ...readAttempts(rule), do: readRequestFault(rule.do) }
  }
  if (rule.attempts !== undefined) throw new WrongRule('"attempts" is for rules on request only.')
  return { on: rule.on as CallName, ...condition, do: readCallFault(rule.do) }
}

function readCondition(rule: JsonObject): { nth?: readonly number[]; rate?: number; match?: RegExp } {
  const nth = typeof rule.nth === 'number' ? [rule.nth] : rule.nth
  if (nth !== undefined && !(Array.isArray(nth) && nth.length > 0 && nth.every((one) => isWhole(one, 1)))) {
    throw new WrongRule(`"nth" must be whole numbers from 1, for example [1, 3]; it is ${show(rule.nth)}.`)
  }
  if (rule.rate !== undefined && !(typeof rule.rate === 'number' && rule.rate >= 0 && rule.rate <= 1)) {
    throw new WrongRule(`"rate" must be a number from 0 to 1; it is ${show(rule.rate)}.`)
  }
  return {
    ...(nth === undefined ? {} : { nth: nth as number[] }),
    ...(rule.rate === undefined ? {} : { rate: rule.rate as number }),
    ...(rule.match === undefined ? {} : { match: readPattern(rule.match) }),
  }
}

function readPattern(match: Json): RegExp {
  if (typeof match !== 'string') throw new WrongRule(`"match" must be a regular expression; it is ${show(match)}.`)
  try {
    return new RegExp(match)
  } catch (error) {
    throw new WrongRule(`"match" is not a regular expression: ${(error as Error).message}.`)
  }
}

function readAttempts(rule: JsonObject): { attempts?: number } {
  if (rule.attempts === undefined) return {}
  if (!isWhole(rule.attempts, 1))
    throw new WrongRule(`"attempts" must be a whole number from 1; it is ${show(rule.attempts)}.`)
  return { attempts: rule.attempts as number }
}

function readRequestFault(fault: JsonObject): RequestFault {
  const [kind, ...more] = Object.keys(fault).filter((key) => key !== 'message')
  const flag = REQUEST_FLAGS.find((one) => one === kind)
  if (more.length > 0)
    throw new WrongRule(`one request goes wrong in one way; given are ${[kind, ...more].join(', ')}.`)
  if (flag !== undefined) {
    if (fault[flag] !== true) throw new WrongRule(`"do.${flag}" must be true; it is ${show(fault[flag])}.`)
    return { type: flag }
  }
  if (kind !== 'error') {
    throw new WrongRule(`on request, "do" is one of error, ${REQUEST_FLAGS.join(', ')}; it is ${show(kind)}.`)
  }
  if (typeof fault.error !== 'string' || fault.error === '') {
    throw new WrongRule(`"do.error" must be an error type such as overloaded_error; it is ${show(fault.error)}.`)
  }
  return { type: 'error', errorType: fault.error, ...readText(fault, 'message', 'message') }
}

function readCallFault(fault: JsonObject): CallFault {
  const unknown = Object.keys(fault).find((key) => !CALL_KEYS.includes(key))
  if (unknown !== undefined)
    throw new WrongRule(`"do" cannot have "${unknown}" here; allowed are ${CALL_KEYS.join(', ')}.`)
  if (fault.cut !== undefined && fault.cut !== 'before' && fault.cut !== 'after') {
    throw new WrongRule(`"do.cut" must be before or after; it is ${show(fault.cut)}.`)
  }
  if (fault.status !== undefined && !STATUSES.includes(fault.status as number)) {
    throw new WrongRule(`"do.status" must be one of ${STATUSES.join(', ')}; it is ${show(fault.status)}.`)
  }
  for (const key of ['retry_after', 'message', 'error_code']) {
    if (fault[key] !== undefined && fault.status === undefined) throw new WrongRule(`"do.${key}" goes with "status".`)
  }
  return {
    ...(fault.cut === undefined ? {} : { cut: fault.cut as 'before' | 'after' }),
    ...(fault.status === undefined ? {} : { status: fault.status as number }),
    ...readAmount(fault, 'retry_after', 'retryAfterSeconds'),
    ...readText(fault, 'message', 'message'),
    ...readText(fault, 'error_code', 'errorCode'),
    ...readAmount(fault, 'truncate', 'truncateBytes'),
    ...readAmount(fault, 'delay_ms', 'delayMs'),
  }
}

function readAmount<Name extends string>(fault: JsonObject, key: string, name: Name): { [N in Name]?: number } {
  const value = fault[key]
  if (value === undefined) return {}
  if (!isWhole(value, 0)) throw new WrongRule(`"do.${key}" must be a whole number from 0; it is ${show(value)}.`)
  return { [name]: value } as { [N in Name]?: number }
}

function readText<Name extends string>(fault: JsonObject, key: string, name: Name): { [N in Name]?: string } {
  const value = fault[key]
  if (value === undefined) return {}
  if (typeof value !== 'string') throw new WrongRule(`"do.${key}" must be a text; it is ${show(value)}.`)
  return { [name]: value } as { [N in Name]?: string }
}

function isWhole(value: Json, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
}

function show(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
