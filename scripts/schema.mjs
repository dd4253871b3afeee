// Writes schemas/job.schema.json from the built program: run it after `npm run build` when a component has changed.
import { writeFileSync } from 'node:fs'
import { catalog } from '../build/catalog.js'
import { jobSchema } from '../build/job/schema.js'

const file = new URL('../schemas/job.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(jobSchema(catalog), null, 2)}\n`)
