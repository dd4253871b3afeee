// `schema`: the JSON Schema of job files, as the package ships it.

import { catalog, jobSchema } from '../app.ts'
import type { Io } from './io.ts'

export async function schema(io: Io): Promise<number> {
  await io.out(`${JSON.stringify(jobSchema(catalog), null, 2)}\n`)
  return 0
}
