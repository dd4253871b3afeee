// What the Messages API, or the job's model, cannot honour of a job: each would be an errored line for every request,
// hours after it was sent.

import type { Problem } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { listed, quoted } from '../../core/phrase.ts'
import { checkCaching } from './check-caching.ts'
import { checkModel } from './check-model.ts'
import { checkOutput } from './check-output.ts'
import { checkParams } from './check-params.ts'
import { checkTools } from './check-tools.ts'
import { findModel } from './models.ts'
import { VERSIONS } from './version.ts'

/** All problems at once. A model that we do not know is held to nothing that depends on the model. */
export function check(job: Job, today: Date): readonly Problem[] {
  const model = findModel(job.model)
  return [
    ...checkVersion(job),
    ...checkModel(job, today),
    ...checkParams(job, model),
    ...checkTools(job, model),
    ...checkOutput(job, model),
    ...checkCaching(job),
  ]
}

function checkVersion({ provider: { version } }: Job): Problem[] {
  if (version === undefined || VERSIONS.includes(version)) return []
  const message = `The API has no version ${quoted(version)}; it serves ${listed(VERSIONS, 'and')}.`
  return [{ path: '/provider/version', message, hint: 'Leave "version" out for the current one.' }]
}
