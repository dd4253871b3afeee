import type { Provider } from '../provider.ts'
import { amend } from './amend.ts'
import { check } from './check.ts'
import { connect } from './connect.ts'
import { billing, cost } from './cost.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { LIMITS } from './limits.ts'
import { findModel } from './models.ts'
import { withJobPrices } from './prices.ts'
import { ResultScanner } from './scan.ts'

/** Anthropic's Message Batches API. */
export const anthropic: Provider = {
  type: 'anthropic',
  about: 'Claude models through the Message Batches API of Anthropic, at half the list price.',
  limits: LIMITS,
  defaultBaseUrl: 'https://api.anthropic.com',
  defaultApiKeyEnv: 'ANTHROPIC_API_KEY',
  baseUrlEnv: 'ANTHROPIC_BASE_URL',
  model(id, prices) {
    const known = findModel(id)
    return withJobPrices(known, [id, ...(known ? [known.id, ...known.aliases] : [])], prices)
  },
  check,
  encode,
  amend,
  decode,
  scanner: () => new ResultScanner(),
  billing,
  cost,
  connect,
}
