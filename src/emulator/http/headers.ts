// Keys and versions on the way in; what every answer carries on the way out.

import type { IncomingMessage } from 'node:http'
import { NEW_VERSION, OLD_VERSION } from '../answers/message.ts'
import { ApiError, invalidRequest } from '../api-error.ts'

const ORGANIZATION = '00000000-0000-4000-8000-000000000000'
const BATCH_CALLS_PER_MINUTE = 4000

/** The header that carried the key, as it came. */
export interface KeyHeader {
  readonly name: 'x-api-key' | 'authorization'
  readonly value: string
}

/** Throws ApiError: without a key, and for the one key that is bad. Any other key is as good as another. */
export function checkKey(incoming: IncomingMessage): KeyHeader {
  const apiKey = single(incoming, 'x-api-key')?.trim()
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(incoming.headers.authorization ?? '')?.[1]
  const key = apiKey || bearer
  if (key === undefined) throw new ApiError(401, 'authentication_error', 'x-api-key header is required')
  if (key === 'sk-bad') throw new ApiError(401, 'authentication_error', 'API key is invalid.')
  return apiKey ? { name: 'x-api-key', value: key } : { name: 'authorization', value: `Bearer ${key}` }
}

export function versionOf(incoming: IncomingMessage): string {
  const version = single(incoming, 'anthropic-version')
  if (version === undefined || version === '') throw invalidRequest('anthropic-version: header is required')
  if (version !== NEW_VERSION && version !== OLD_VERSION) {
    throw invalidRequest(
      `anthropic-version: "${version}" is not a valid version. Use ${NEW_VERSION} or ${OLD_VERSION}.`,
    )
  }
  return version
}

export function betasOf(incoming: IncomingMessage): string[] {
  const names = (single(incoming, 'anthropic-beta') ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}

/** The address that the client used, for URLs that lead back here. */
export function originOf(incoming: IncomingMessage, otherwise: string): string {
  const host = incoming.headers.host
  return host !== undefined && /^[\w.\-[\]:]+$/.test(host) ? `http://${host}` : otherwise
}

export function standardHeaders(requestId: string, callsThisMinute: number, nowMs: number): Record<string, string> {
  return {
    'request-id': requestId,
    date: new Date(nowMs).toUTCString(),
    'anthropic-organization-id': ORGANIZATION,
    'anthropic-ratelimit-requests-limit': String(BATCH_CALLS_PER_MINUTE),
    'anthropic-ratelimit-requests-remaining': String(Math.max(0, BATCH_CALLS_PER_MINUTE - callsThisMinute)),
    'anthropic-ratelimit-requests-reset': new Date(Math.ceil(nowMs / 60_000) * 60_000)
      .toISOString()
      .replace('.000', ''),
  }
}

function single(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
