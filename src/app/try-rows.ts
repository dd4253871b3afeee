// A few rows, sent one by one through the realtime API. Nothing is kept.

import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { RequestLine } from '../core/request-line.ts'
import type { Outcome } from '../core/result.ts'
import { CARRIED_NOTHING, parseRowFields } from '../run/carried.ts'
import { outcomeOfResult } from '../run/outcomes.ts'
import { type LineBody, resolveUploads, withIds } from '../run/outgoing.ts'
import { requestBody } from '../run/request-body.ts'
import { customIdOfLine, readRequests } from '../run/request-file.ts'
import type { Uploads } from '../run/uploads.ts'
import { contextOf } from './bind.ts'
import { connect, uploadsOf } from './connect.ts'
import { planJob, refuseRejected } from './plan-run.ts'
import type { Workspace } from './workspace.ts'

/** Throws UserError for what is wrong with the job, its rows or the key, before anything is sent. */
export async function* tryRows(workspace: Workspace, job: Job, local: boolean): AsyncGenerator<Outcome> {
  const connected = await connect(workspace, job, local)
  try {
    const { header, rejected } = await planJob(workspace, job, { local, full: true })
    try {
      refuseRejected(job, rejected)
      const context = contextOf(workspace, header)
      const { interrupted, notify } = workspace.surroundings
      const live = uploadsOf({ ...context, notify }, connected)
      for (const batch of header.batches) {
        if (batch.requests === 0) continue
        for await (const line of readRequests(workspace.artifacts, header.run, batch.index, 1)) {
          const customId = customIdOfLine(header, line)
          const body = await requestBody(context, await uploaded(live, line, interrupted))
          const { result } = await connected.api.send(customId, body, interrupted)
          yield outcomeOfResult(
            context,
            { key: line.key, row: parseRowFields(line.about), customId },
            CARRIED_NOTHING,
            result,
          )
        }
      }
    } finally {
      await workspace.artifacts.removeRun(header.run)
    }
  } finally {
    await connected.close()
  }
}

/** The line with its documents uploaded. Throws UserError for one that cannot be. */
async function uploaded(
  live: { readonly uploads?: Uploads },
  line: RequestLine,
  signal: AbortSignal,
): Promise<LineBody> {
  const uploads = await resolveUploads(live, [line], signal)
  for (const end of uploads.values()) if ('problem' in end) throw new UserError(`Row "${line.key}": ${end.problem}`)
  return withIds(line, uploads)
}
