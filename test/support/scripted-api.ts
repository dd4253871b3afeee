// A server that answers each path as a test tells it to, and keeps what it was sent.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface SeenCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Script = (call: SeenCall, response: ServerResponse) => void

export interface ScriptedApi {
  readonly url: string
  readonly calls: SeenCall[]
  /** How the next calls are answered. */
  script: Script
  close(): Promise<void>
}

export async function startScriptedApi(): Promise<ScriptedApi> {
  const calls: SeenCall[] = []
  const api: { script: Script } = { script: (_, response) => response.writeHead(500).end() }
  const server = createServer((request, response) => {
    const pieces: Uint8Array[] = []
    request.on('data', (piece: Uint8Array) => pieces.push(piece))
    request.on('error', () => undefined)
    request.on('end', () => {
      const call = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      }
      calls.push(call)
      api.script(call, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return Object.assign(api, {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function apiError(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  extra: { details?: object; headers?: Record<string, string> } = {},
): void {
  const error = { type, message, ...(extra.details ? { details: extra.details } : {}) }
  json(response, status, { type: 'error', error, request_id: 'req_1' }, { 'request-id': 'req_1', ...extra.headers })
}

/** A `message_batch` as the API sends it, all ten fields present. */
export function batchObject(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'msgbatch_01',
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    ended_at: null,
    created_at: '2026-11-22T10:00:00.141141+00:00',
    expires_at: '2026-11-23T10:00:00.141141+00:00',
    archived_at: null,
    cancel_initiated_at: null,
    results_url: null,
    ...over,
  }
}
