import type { JsonObject } from '../core/json.ts'
import { bodyChunks } from '../prompt/body.ts'
import { type LineBody, shapeOf } from './outgoing.ts'
import type { RunContext } from './ports.ts'

/** The body of one request with the bytes of its documents, for a call of its own. */
export async function requestBody(
  context: Pick<RunContext, 'header' | 'folders'>,
  line: LineBody,
): Promise<JsonObject> {
  const pieces: Uint8Array[] = []
  for await (const piece of bodyChunks(shapeOf(context, line), line.parts, context.folders))
    pieces.push(Buffer.from(piece))
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as JsonObject
}
