// What is no HTTP, or ended in the middle of it: answered in the envelope too, as far as the socket still goes.

import type { Socket } from 'node:net'
import { ApiError, errorEnvelope, errorTypeOf } from '../api-error.ts'
import { seededId } from '../state/seeded.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = statusOf(error.code)
  const known = new ApiError(status, errorTypeOf(status), `The request could not be read: ${error.message}`)
  const requestId = seededId('req', 'broken', error.message)
  const body = JSON.stringify(errorEnvelope(known, requestId))
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    'content-type: application/json',
    `request-id: ${requestId}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}
