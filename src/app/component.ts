// The component that a job names.

import { providers } from '../catalog.ts'
import { InvariantError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Provider } from '../provider/provider.ts'

export function providerOf(job: Job): Provider {
  return named(providers, job.provider.type, 'provider')
}

/** Throws where the job could not have passed its checks. */
export function named<T extends { readonly type: string }>(list: readonly T[], type: string, what: string): T {
  const found = list.find((component) => component.type === type)
  if (found === undefined) throw new InvariantError(`There is no ${what} "${type}", though the job was checked.`)
  return found
}
