// Answers from a file: JSON lines of {"match": regex, "text" | "content" | "error": …}; the first that matches is used.

import { readFile } from 'node:fs/promises'
import { messageOf, type Problem, UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { ApiError, errorTypeOf, invalidRequest } from '../api-error.ts'
import type { Answer, AnswerMode } from './answer.ts'
import { textOf } from './asked.ts'

interface Fixture {
  readonly match: RegExp
  readonly answer?: Answer
  readonly error?: ApiError
}

/** Throws UserError with a problem for every line that is wrong. */
export async function fixtureMode(path: string): Promise<AnswerMode> {
  const fixtures = readFixtures(await readLines(path), path)
  return {
    answer(asked) {
      const text = textOf(asked)
      const fixture = fixtures.find(({ match }) => match.test(text))
      if (fixture === undefined) throw invalidRequest(`No line of the fixture file ${path} matches this request.`)
      if (fixture.error !== undefined) throw fixture.error
      return fixture.answer ?? { content: [], stopReason: 'end_turn' }
    },
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n')
  } catch (error) {
    throw new UserError(`The fixture file ${path} cannot be read: ${messageOf(error)}.`)
  }
}

function readFixtures(lines: readonly string[], path: string): Fixture[] {
  const fixtures: Fixture[] = []
  const problems: Problem[] = []
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    try {
      fixtures.push(readFixture(JSON.parse(line) as Json))
    } catch (error) {
      problems.push({ message: messageOf(error), file: path, line: at + 1 })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return fixtures
}

function readFixture(line: Json): Fixture {
  if (!isJsonObject(line) || typeof line.match !== 'string') {
    throw new Error('A fixture is an object with "match", a regular expression, and "text", "content" or "error".')
  }
  const match = new RegExp(line.match)
  const stopReason = typeof line.stop_reason === 'string' ? line.stop_reason : undefined
  if (typeof line.text === 'string') {
    return { match, answer: { content: [{ type: 'text', text: line.text }], stopReason: stopReason ?? 'end_turn' } }
  }
  if (line.content !== undefined) return { match, answer: answerOf(line.content, stopReason) }
  if (line.error !== undefined) return { match, error: errorOf(line.error) }
  throw new Error('A fixture says what to answer: "text", "content" or "error".')
}

function answerOf(content: Json, stopReason: string | undefined): Answer {
  if (typeof content === 'string')
    return { content: [{ type: 'text', text: content }], stopReason: stopReason ?? 'end_turn' }
  if (!Array.isArray(content) || !(content as readonly Json[]).every(isJsonObject)) {
    throw new Error('"content" is a text or a list of blocks such as {"type": "text", "text": "…"}.')
  }
  const blocks = content as readonly JsonObject[]
  const callsTool = blocks.some((block) => block.type === 'tool_use')
  return { content: blocks, stopReason: stopReason ?? (callsTool ? 'tool_use' : 'end_turn') }
}

function errorOf(error: Json): ApiError {
  if (typeof error === 'string') return new ApiError(statusOf(error), error, `The fixture answers with ${error}.`)
  if (!isJsonObject(error) || typeof error.type !== 'string') {
    throw new Error('"error" is an error type such as "overloaded_error", or {"type": …, "message": …}.')
  }
  const message = typeof error.message === 'string' ? error.message : `The fixture answers with ${error.type}.`
  return new ApiError(statusOf(error.type), error.type, message)
}

/** The HTTP status that goes with an error type, for realtime calls. */
export function statusOf(type: string): number {
  const statuses = [400, 401, 402, 403, 404, 409, 413, 429, 500, 504, 529]
  return statuses.find((status) => errorTypeOf(status) === type) ?? 500
}
