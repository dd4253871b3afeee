// The first requests of a plan as the provider would receive them, documents elided.

import type { JsonObject } from '../core/json.ts'
import type { RunHeader } from '../core/run.ts'
import { bodyPreview } from '../prompt/body.ts'
import { shapeOf } from '../run/outgoing.ts'
import { customIdOfLine, readRequests } from '../run/request-file.ts'
import type { Workspace } from './workspace.ts'

export async function* requestPreviews(
  workspace: Workspace,
  header: RunHeader,
  count: number,
): AsyncGenerator<{ custom_id: string; key: string; params: JsonObject }> {
  let left = count
  for (const batch of header.batches) {
    if (batch.requests === 0) continue
    for await (const line of readRequests(workspace.artifacts, header.run, batch.index, 1)) {
      if (left === 0) return
      left -= 1
      const params = bodyPreview(shapeOf({ header }, line), line.parts)
      yield { custom_id: customIdOfLine(header, line), key: line.key, params }
    }
  }
}
