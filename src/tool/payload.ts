import type { HandlerCall } from './tool.ts'

/** What commands read on stdin and servers receive: one JSON object, in the words of the API. */
export function payloadOf(call: HandlerCall): string {
  return JSON.stringify({
    tool: call.tool,
    input: call.input,
    row: call.row,
    tool_use_id: call.toolUseId,
    idempotency_key: call.idempotencyKey,
  })
}

/** A time limit in words. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en-US')} s`
}
