// Stands between the program and a server, and keeps what the program sent.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '../../src/core/json.ts'
import type { SeenCall } from './scripted-api.ts'

export interface RecordingProxy {
  readonly url: string
  readonly calls: readonly (SeenCall & { readonly at: number })[]
  /** The requests of all batches that were created, in the order in which they were sent. */
  requests(): { readonly custom_id: string; readonly params: JsonObject }[]
  forget(): void
  close(): Promise<void>
}

/** @param rewrites whether addresses in an answer lead back to it, as those of a good gateway do */
export async function startRecordingProxy(target: string, rewrites = true): Promise<RecordingProxy> {
  const calls: (SeenCall & { readonly at: number })[] = []
  const server = createServer(async (request, response) => {
    const pieces: Uint8Array[] = []
    for await (const piece of request) pieces.push(piece as Uint8Array)
    const body = Buffer.concat(pieces)
    const { method = '', url: path = '', headers } = request
    calls.push({ method, path, headers, body: body.toString(), at: performance.now() })
    const { host: _host, connection: _connection, 'transfer-encoding': _coding, ...passedOn } = headers
    try {
      const answer = await fetch(`${target}${path}`, {
        method,
        headers: passedOn as Record<string, string>,
        ...(body.length === 0 ? {} : { body }),
      })
      const text = await answer.text()
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
      response.end(rewrites ? text.replaceAll(target, `http://${request.headers.host}`) : text)
    } catch {
      // What breaks behind it breaks before it.
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    requests: () =>
      calls
        .filter(({ method, path }) => method === 'POST' && /\/v1\/messages\/batches(\?|$)/.test(path))
        .flatMap(
          ({ body }) => (JSON.parse(body) as { requests: { custom_id: string; params: JsonObject }[] }).requests,
        ),
    forget: () => {
      calls.length = 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
