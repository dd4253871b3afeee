import type { CacheTtl } from '../../core/job.ts'
import type { JsonObject } from '../../core/json.ts'

/** The member of a block that is to be cached, with everything before it. */
export function cacheControl(ttl: CacheTtl | undefined): JsonObject {
  return ttl === undefined ? {} : { cache_control: { type: 'ephemeral', ttl } }
}
