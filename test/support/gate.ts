/**
 * Stands between the program and the emulator. At one call, at a chosen moment of it, everything stops: whoever waits for
 * that moment can then kill the program. All other calls pass as they are, broken connections too.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const CALLS = ['create', 'retrieve', 'list', 'results'] as const
export type Call = (typeof CALLS)[number]

/** Before the call reaches the provider, when half of its answer is sent, with its answer whole and about to be sent. */
export type Moment = 'before' | 'during' | 'after'

export interface Gate {
  readonly url: string
  /** Resolves when the call has come to its moment. */
  readonly reached: Promise<void>
  /** An answer that is about to be sent is sent now, all of it; nothing else that waits goes on. */
  release(): void
  close(): Promise<void>
}

/** @param stop where to stop, once; undefined: nowhere */
export async function startGate(target: string, stop: { call: Call; moment: Moment } | undefined): Promise<Gate> {
  let isMet = false
  let arrive: () => void = () => undefined
  let release: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on('error', () => undefined)
    if (stop === undefined || isMet || callOf(incoming) !== stop.call) return pass(target, incoming, outgoing)
    isMet = true
    if (stop.moment === 'before') return arrive()
    const answer = await answerOf(target, incoming)
    if (stop.moment === 'during') await sendHalf(answer, outgoing)
    else release = () => send(answer, outgoing)
    arrive()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    release: () => release(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function callOf({ method, url = '' }: IncomingMessage): Call | undefined {
  const [path = ''] = url.split('?')
  if (path === '/v1/messages/batches') return method === 'POST' ? 'create' : 'list'
  if (method !== 'GET') return undefined
  return path.endsWith('/results') ? 'results' : 'retrieve'
}

function upstream(target: string, { method, url, headers }: IncomingMessage) {
  // The host stays what the program asked for: addresses in an answer lead back here.
  return request(`${target}${url}`, { method, headers, agent: false })
}

function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const passed = upstream(target, incoming)
  passed.on('error', () => outgoing.destroy())
  passed.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.on('error', () => outgoing.destroy())
    answer.pipe(outgoing)
  })
  incoming.pipe(passed)
}

interface Answer {
  /** undefined: the connection broke before there was any. */
  readonly head: IncomingMessage | undefined
  readonly body: Buffer
  readonly isBroken: boolean
}

function answerOf(target: string, incoming: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const passed = upstream(target, incoming)
    passed.on('error', () => resolve({ head: undefined, body: Buffer.alloc(0), isBroken: true }))
    passed.on('response', (head) => {
      const pieces: Buffer[] = []
      const end = (isBroken: boolean): void => resolve({ head, body: Buffer.concat(pieces), isBroken })
      head.on('data', (piece: Buffer) => pieces.push(piece))
      head.on('end', () => end(false))
      head.on('error', () => end(true))
    })
    incoming.pipe(passed)
  })
}

async function sendHalf({ head, body }: Answer, outgoing: ServerResponse): Promise<void> {
  if (head === undefined) return
  outgoing.writeHead(head.statusCode ?? 500, head.headers)
  await new Promise((resolve) => outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), resolve))
}

function send({ head, body, isBroken }: Answer, outgoing: ServerResponse): void {
  if (head === undefined) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(head.statusCode ?? 500, head.headers)
  if (isBroken) outgoing.write(body, () => outgoing.destroy())
  else outgoing.end(body)
}
