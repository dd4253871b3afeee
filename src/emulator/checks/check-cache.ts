// Cache breakpoints: how many, and in which order.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { blocksOf } from '../answers/asked.ts'
import { invalidRequest } from '../api-error.ts'
import { objectAt, oneOf } from './fields.ts'

const MAX_BREAKPOINTS = 4

export function checkCache(params: JsonObject): void {
  const controls: JsonObject[] = []
  const collect = (block: Json | undefined, place: string) => {
    if (!isJsonObject(block) || block.cache_control === undefined || block.cache_control === null) return
    const control = objectAt(block.cache_control, `${place}.cache_control`)
    oneOf(control.type, ['ephemeral'], `${place}.cache_control.type`)
    if (control.ttl !== undefined) oneOf(control.ttl, ['5m', '1h'], `${place}.cache_control.ttl`)
    controls.push(control)
  }
  for (const [at, tool] of blocksOf(params.tools).entries()) collect(tool, `tools.${at}`)
  for (const [at, block] of blocksOf(params.system).entries()) collect(block, `system.${at}`)
  for (const [at, message] of blocksOf(params.messages).entries()) {
    for (const [place, block] of blocksOf(message.content).entries()) {
      collect(block, `messages.${at}.content.${place}`)
    }
  }
  collect(params, 'request')
  if (controls.length > MAX_BREAKPOINTS) {
    throw invalidRequest(
      `A maximum of ${MAX_BREAKPOINTS} blocks with cache_control may be provided. Found ${controls.length}.`,
    )
  }
  const firstShort = controls.findIndex((control) => control.ttl !== '1h')
  if (firstShort >= 0 && controls.slice(firstShort).some((control) => control.ttl === '1h')) {
    throw invalidRequest("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.")
  }
}
