// Which errors pass, which are the request's own, and which every further request would meet as well.

import { isJsonObject, type Json } from '../../core/json.ts'
import type { ErrorKind } from '../../core/result.ts'

const KINDS: Readonly<Record<string, ErrorKind>> = {
  api_error: 'transient',
  overloaded_error: 'transient',
  timeout_error: 'transient',
  rate_limit_error: 'transient',
  invalid_request_error: 'invalid',
  request_too_large: 'invalid',
  not_found_error: 'account',
  permission_error: 'account',
  authentication_error: 'account',
  billing_error: 'account',
}

/** A type that we do not know is tried again: errored requests are not billed, and attempts are bounded. */
export function errorKind(code: string, message: string, details: Json | undefined): ErrorKind {
  if (isSpendLimit(message, details)) return 'account'
  // A document behind a URL is fetched when the request runs, and may be there the next time.
  if (code === 'invalid_request_error' && /unable to download the file/i.test(message)) return 'transient'
  // A missing model stops the job; a missing file concerns the one row that names it.
  if (code === 'not_found_error' && /\bfile/i.test(message) && !/\bmodel\b/i.test(message)) return 'invalid'
  return KINDS[code] ?? 'transient'
}

/** Codes that name a limit which a person has to raise. */
const SPEND_CODES = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'ramp_limit_exceeded',
  'organization_on_hold',
])

/** Our own limit comes as a plain invalid_request_error, recognisable by its first words alone. */
const SPEND_WORDS = /^you have reached your specified (workspace )?api usage limits/i

export function isSpendLimit(message: string, details: Json | undefined): boolean {
  const code = isJsonObject(details) ? details.error_code : undefined
  return (typeof code === 'string' && SPEND_CODES.has(code)) || SPEND_WORDS.test(message)
}
