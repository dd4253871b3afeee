/** The functions that the build makes of schemas say of every value what ajv says. */

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catalog } from '../../src/catalog.ts'
import { canonicalJson, type Json, type JsonObject } from '../../src/core/json.ts'
import { compileSchema, schemaViolations } from '../../src/core/json-schema.ts'
import { parseYaml } from '../../src/job/parse.ts'
import { jobSchema } from '../../src/job/schema.ts'

const ROOT = join(import.meta.dirname, '../..')
const built = createRequire(import.meta.url)('../../dist/compiled-schemas.cjs') as Map<
  string,
  (value: unknown) => boolean
>
const schema = jobSchema(catalog)
const fits = built.get(canonicalJson(schema))
const jobs = readdirSync(join(ROOT, 'jobs'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parseYaml(readFileSync(join(ROOT, 'jobs', name), 'utf8')).data as JsonObject)

describe('the compiled schema of a job', () => {
  it('is the schema as it is now', () => {
    expect(fits, 'run `npm run build` first').toBeDefined()
  })

  it('agrees with ajv on jobs and on what becomes of them by one change', () => {
    const { validate } = compileSchema(schema)
    const verdicts = new Set<boolean>()
    fc.assert(
      fc.property(
        fc.constantFrom(...jobs),
        fc.nat(),
        fc.oneof(fc.constant(undefined), fc.jsonValue()),
        (job, at, value) => {
          const changed = withOneChange(job, at, value as Json | undefined)
          const isSound = fits?.(changed)
          verdicts.add(isSound === true)
          expect(isSound).toBe(validate(changed).length === 0)
        },
      ),
      { numRuns: 500 },
    )
    expect(verdicts).toEqual(new Set([true, false]))
  })
})

describe('the compiled schema of schemas', () => {
  it('agrees with ajv on schemas and on what becomes of them by one change', () => {
    const check = built.get('https://json-schema.org/draft/2020-12/schema')
    const schemas = [schema, ...catalog.sinks.map((sink) => sink.options)] as JsonObject[]
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.nat(), fc.jsonValue(), (whole, at, value) => {
        const changed = withOneChange(whole, at, value as Json)
        expect(check?.(changed)).toBe(schemaViolations(changed).length === 0)
      }),
      { numRuns: 100 },
    )
  })
})

/** A copy in which the value at one of its places, picked by `at`, is another; or is not there. */
function withOneChange(whole: JsonObject, at: number, value: Json | undefined): JsonObject {
  const copy = structuredClone(whole) as Record<string, Json>
  const places: (() => void)[] = []
  const visit = (owner: Record<string, Json>): void => {
    for (const [key, inner] of Object.entries(owner)) {
      places.push(() => {
        if (value === undefined) delete owner[key]
        else owner[key] = value
      })
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, Json>)
    }
  }
  visit(copy)
  places[at % places.length]?.()
  return copy
}
