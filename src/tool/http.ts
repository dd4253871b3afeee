/** A handler that is a server: each call is one POST, never repeated and never redirected. */

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { fillEnv } from '../core/env-text.ts'
import { messageOf, type Problem } from '../core/errors.ts'
import type { ToolHandler } from '../core/job.ts'
import { listed } from '../core/phrase.ts'
import type { Handler, HandlerContext } from './handler.ts'
import { payloadOf, seconds } from './payload.ts'
import { errorResult, MAX_RESULT_BYTES, resultOfText, tooLarge } from './result.ts'
import { type HandlerCall, HandlerGoneError, type ToolResult } from './tool.ts'

type HttpSpec = Extract<ToolHandler, { type: 'http' }>

/** How much of an answer stands in the result when it says that something went wrong. */
const SHOWN_CHARACTERS = 2000

/** The URL stands in the job as it was written; what the environment has of it comes in here and is stored nowhere. */
export function createHttpHandler(spec: HttpSpec, context: HandlerContext): Handler {
  return {
    check: async () => urlProblem(spec, context),
    async run(call, signal) {
      const problem = urlProblem(spec, context)
      if (problem !== undefined) throw new HandlerGoneError(problem.message)
      return post(new URL(fillEnv(spec.url, context.env).text), spec.timeoutMs, call, signal)
    },
    close: async () => undefined,
  }
}

function urlProblem(spec: HttpSpec, context: HandlerContext): Problem | undefined {
  const { text, missing } = fillEnv(spec.url, context.env)
  const path = '/http'
  if (missing.length > 0) {
    const message = `The environment variable ${listed(missing, 'and')}, which the handler's URL names, is not set.`
    return { path, message, hint: `Set it, or give a default: \${${missing[0]}:-default}.` }
  }
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return undefined
  return { path, message: `The handler's URL ${spec.url} is not an http or https URL.`, hint: 'Mend the URL.' }
}

async function post(url: URL, timeoutMs: number, call: HandlerCall, signal: AbortSignal): Promise<ToolResult> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(url, call, AbortSignal.any([signal, timeout]))
    const body = await readBody(response)
    if (body === undefined) return tooLarge('more')
    return resultOf(response, body)
  } catch (error) {
    signal.throwIfAborted()
    // Never the URL, which may hold a secret.
    if (timeout.aborted) return errorResult(`The tool did not answer within ${seconds(timeoutMs)}.`)
    const { code } = error as NodeJS.ErrnoException
    return errorResult(`The tool could not be reached (${code ?? messageOf(error)}).`)
  }
}

/** Not fetch: that gives up after 300 s, whatever the handler's own timeout says. */
function send(url: URL, call: HandlerCall, signal: AbortSignal): Promise<IncomingMessage> {
  const body = Buffer.from(payloadOf(call))
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    accept: 'application/json, text/plain;q=0.9, */*;q=0.1',
    'idempotency-key': call.idempotencyKey,
  }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    // A connection of its own: a kept one may be closed by the server just when it is used, which looks like a failure.
    const sent: ClientRequest = request(url, { method: 'POST', headers, signal, agent: false }, resolve)
    sent.on('error', reject).end(body)
  })
}

/** undefined: more than a result may have. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MAX_RESULT_BYTES) {
      response.destroy()
      return undefined
    }
    pieces.push(piece)
  }
  if (!response.complete) throw new Error('the answer was cut off')
  return Buffer.concat(pieces).toString('utf8')
}

function resultOf({ statusCode = 0, statusMessage = '' }: IncomingMessage, body: string): ToolResult {
  if (statusCode >= 200 && statusCode < 300) return resultOfText(body)
  const said = `The tool answered ${`${statusCode} ${statusMessage}`.trim()}`
  if (statusCode >= 300 && statusCode < 400) return errorResult(`${said}; redirects are not followed.`)
  const tail = body.trim().slice(0, SHOWN_CHARACTERS)
  return errorResult(tail === '' ? `${said}.` : `${said}: ${tail}`)
}
