/** One HTTP call as the routes see it, and what they answer. */

import type { IncomingMessage } from 'node:http'
import type { Json } from '../../core/json.ts'
import type { CallName } from '../state/calls.ts'

export interface Call {
  readonly incoming: IncomingMessage
  readonly requestId: string
  /** The parts of the path that vary, such as the id of a batch. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** http://host:port as the client addressed the server. */
  readonly origin: string
  readonly apiVersion: string
  readonly betas: readonly string[]
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body:
    | { readonly json: Json }
    | { readonly text: string; readonly mediaType: string }
    /** A file, streamed. */
    | { readonly file: string; readonly mediaType: string }
    /** Server-sent events. */
    | { readonly events: Iterable<string> }
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As in /v1/files/:id */
  readonly path: string
  /** Counted and made to fail under this name; absent: an endpoint of the emulator itself, which needs no key. */
  readonly name?: CallName
  /** Throws ApiError. */
  answer(call: Call): Promise<Reply>
}
