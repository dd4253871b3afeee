// What happens to every call: counted, its key and version checked, perhaps made to fail, answered, and errors told in
// the provider's envelope.

import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, errorEnvelope, errorTypeOf, notFound } from '../api-error.ts'
import type { CallFault } from '../faults/fault.ts'
import type { FaultList } from '../faults/fault-list.ts'
import type { CallCounts, CallName } from '../state/calls.ts'
import type { Clock } from '../state/clock.ts'
import { seededId } from '../state/seeded.ts'
import type { Serve } from './app.ts'
import { discardBody } from './body.ts'
import type { Call, Reply, Route } from './call.ts'
import { betasOf, checkKey, type KeyHeader, originOf, standardHeaders, versionOf } from './headers.ts'
import { sendReply } from './send.ts'

export interface ServeWorld {
  readonly calls: CallCounts
  readonly faults: FaultList
  readonly clock: Clock
  readonly seed: number
  /** Where the server listens, for clients that say no host. */
  readonly url: () => string
  /** Hears of errors that are ours. */
  readonly failed: (error: unknown) => void
  /** Hears the key of every call that has a good one. */
  readonly keySeen: (key: KeyHeader) => void
  /** What the body of a Messages call says in words. Throws ApiError. */
  readonly textOf: (incoming: IncomingMessage) => Promise<string>
}

export function serveWith(world: ServeWorld): Serve {
  const minute = { number: 0, calls: 0 }
  let uncounted = 0
  return async (incoming, outgoing, matched) => {
    // A client that goes away shows here or in the reading of its body; it is no error of ours.
    outgoing.on('error', () => undefined)
    const name = 'route' in matched ? matched.route.name : undefined
    const number = name === undefined ? 0 : world.calls.count(name)
    const requestId = seededId('req', world.seed, world.calls.total, name === undefined ? ++uncounted : 0)
    const nowMs = world.clock.now()
    const current = Math.floor(nowMs / 60_000)
    if (minute.number !== current) Object.assign(minute, { number: current, calls: 0 })
    const headers = standardHeaders(requestId, ++minute.calls, nowMs)
    let reply: Reply
    let fault: CallFault | undefined
    try {
      if ('allowed' in matched) throw unroutable(incoming, matched.allowed)
      fault = name === undefined ? undefined : await callFault(world, name, number, incoming)
      if (fault?.delayMs !== undefined) await sleep(fault.delayMs)
      if (fault?.cut === 'before') {
        outgoing.destroy()
        return
      }
      const call = callOf(incoming, matched.route, matched.params, requestId, world)
      if (fault?.status !== undefined) reply = await faultedReply(incoming, fault, requestId)
      else reply = await matched.route.answer(call)
    } catch (error) {
      if (!(error instanceof ApiError)) world.failed(error)
      const known = error instanceof ApiError ? error : new ApiError(500, 'api_error', 'Internal server error')
      reply = { status: known.status, headers: known.headers, body: { json: errorEnvelope(known, requestId) } }
    }
    // What was not read of the body is taken in first: a client that is still sending would see a broken connection.
    await discardBody(incoming)
    // What has not come by now would be taken for the next request.
    if (!incoming.complete) headers.connection = 'close'
    try {
      await sendReply(outgoing, reply, headers, fault)
    } catch (error) {
      world.failed(error)
      outgoing.destroy()
    }
  }
}

async function callFault(
  { faults, textOf }: ServeWorld,
  name: CallName,
  number: number,
  incoming: IncomingMessage,
): Promise<CallFault | undefined> {
  const isRead = name === 'messages' && faults.matchesText(name)
  // What cannot be read says nothing; the route will say what is wrong with it.
  const text = isRead ? await textOf(incoming).catch(() => '') : (incoming.url ?? '')
  return faults.forCall(name, number, text)
}

function callOf(
  incoming: IncomingMessage,
  route: Route,
  params: Readonly<Record<string, string>>,
  requestId: string,
  world: ServeWorld,
): Call {
  const isOurs = route.name === undefined
  if (!isOurs) world.keySeen(checkKey(incoming))
  return {
    incoming,
    requestId,
    params,
    query: new URLSearchParams((incoming.url ?? '').split('?')[1] ?? ''),
    origin: originOf(incoming, world.url()),
    apiVersion: isOurs ? '' : versionOf(incoming),
    betas: betasOf(incoming),
  }
}

function unroutable(incoming: IncomingMessage, allowed: readonly string[]): ApiError {
  const path = (incoming.url ?? '').split('?')[0]
  if (allowed.length === 0) return notFound(`Not found: ${incoming.method} ${path}`)
  return new ApiError(405, 'invalid_request_error', `Method ${incoming.method} is not allowed for ${path}.`, {
    headers: { allow: allowed.join(', ') },
  })
}

/** A status instead of an answer. 502 comes from a proxy, and proxies speak HTML. */
async function faultedReply(incoming: IncomingMessage, fault: CallFault, requestId: string): Promise<Reply> {
  await discardBody(incoming)
  const status = fault.status ?? 500
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }
  if (status === 502) {
    const text =
      '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n'
    return { status, headers, body: { text, mediaType: 'text/html' } }
  }
  const details = fault.errorCode === undefined ? {} : { details: { error_code: fault.errorCode } }
  const error = new ApiError(status, errorTypeOf(status), fault.message ?? (MESSAGES[status] as string), details)
  return { status, headers, body: { json: errorEnvelope(error, requestId) } }
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'The emulator was told to refuse this request.',
  401: 'API key is invalid.',
  402: 'Your credit balance is too low to access the API.',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'Not found',
  409: 'The request conflicts with another one.',
  413: 'Request exceeds the maximum allowed number of bytes.',
  429: 'This request would exceed your rate limit. Please try again later.',
  500: 'Internal server error',
  503: 'Service unavailable',
  504: 'The request timed out while processing.',
  529: 'Overloaded',
}
