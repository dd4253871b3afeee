import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog.ts'
import type { JsonSchema } from '../../src/core/component.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import { jobSchema } from '../../src/job/schema.ts'
import { testCatalog } from './catalog.ts'
import { kitchenSink } from './kitchen-sink.ts'

const schema = jobSchema(testCatalog)

test('the committed schema is the one that the program makes; after a change: npm run build && node scripts/schema.mjs', () => {
  const committed: unknown = JSON.parse(readFileSync(new URL('../../schemas/job.schema.json', import.meta.url), 'utf8'))
  expect(committed).toEqual(JSON.parse(JSON.stringify(jobSchema(catalog))))
})

test('strict validators accept the schema, and editors need nothing but the standard', () => {
  const ajv = new Ajv2020({ strict: true })
  expect(() => ajv.compile(schema)).not.toThrow()
})

describe('the jobs of the kitchen sink', () => {
  test.each(kitchenSink.map((job, index) => [index, job] as const))('number %i fits the schema', (_, job) => {
    expect(compileSchema(schema).validate(job)).toEqual([])
  })

  test('use every key of the schema, so that the type JobSpec and the schema name the same keys', () => {
    const used = new Set<string>()
    for (const job of kitchenSink) collectKeys(job as unknown as Json, '', used)
    const unused = [...propertiesOf(schema)].map(([pointer]) => pointer).filter((pointer) => !used.has(pointer))
    expect(unused).toEqual([])
  })

  test('use every value of every enum', () => {
    const texts = JSON.stringify(kitchenSink)
    for (const [pointer, property] of propertiesOf(schema)) {
      for (const value of (property.enum as string[] | undefined) ?? []) {
        expect(texts, `${pointer} ${value}`).toContain(JSON.stringify(value))
      }
    }
  })
})

describe('every key of the schema', () => {
  test.each([...propertiesOf(schema)])('%s has a description and an example that fits', (_, property) => {
    expect(property.description).toMatch(/\.$/)
    const examples = property.examples as Json[]
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(compileSchema(property).validate(example)).toEqual([])
  })

  test.each([...propertiesOf(schema)].filter(([, property]) => 'default' in property))(
    '%s has a default that fits',
    (_, property) => {
      expect(compileSchema(property).validate(property.default)).toEqual([])
    },
  )
})

test('the keys that have a default show it', () => {
  const shown = [...propertiesOf(schema)].filter(([, property]) => 'default' in property).map(([pointer]) => pointer)
  expect(shown).toEqual([
    '/version',
    '/vars',
    '/provider',
    '/provider/type',
    '/params',
    '/params/max_tokens',
    '/dataset/sample/seed',
    '/documents',
    '/documents/*/citations',
    '/documents/*/upload',
    '/tools',
    '/tools/*/handler/export',
    '/tools/*/handler/timeout',
    '/max_rounds',
    '/output/mode',
    '/output/repair',
    '/sinks',
    '/sinks/*/select',
    '/on_rejected',
    '/batch/max_requests',
    '/batch/max_bytes',
    '/batch/max_in_flight',
    '/batch/poll',
    '/batch/custom_id',
    '/retry/max_attempts',
    '/retry/truncated/grow',
    '/gate',
    '/reuse',
    '/store',
  ])
})

test('a component that declares an option called type is a mistake of ours', () => {
  const options = { type: 'object', properties: { type: { type: 'string' } } }
  const wrong = { ...testCatalog, sinks: [{ type: 'x', about: 'X.', options }] }
  expect(() => jobSchema(wrong)).toThrow(/declares an option "type"/)
})

/** Every property below the schema with its pointer, items of lists and members of free mappings as `*`. */
function propertiesOf(from: JsonSchema, pointer = '', found = new Map<string, JsonObject>()): Map<string, JsonObject> {
  for (const [name, property] of Object.entries((from.properties as JsonObject | undefined) ?? {})) {
    if (!isJsonObject(property)) continue
    const at = `${pointer}/${name}`
    if (!found.has(at)) found.set(at, property)
    propertiesOf(property, at, found)
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    for (const branch of (from[keyword] as JsonObject[] | undefined) ?? []) propertiesOf(branch, pointer, found)
  }
  for (const keyword of ['then', 'else']) if (isJsonObject(from[keyword])) propertiesOf(from[keyword], pointer, found)
  for (const keyword of ['items', 'additionalProperties']) {
    if (isJsonObject(from[keyword])) propertiesOf(from[keyword], `${pointer}/*`, found)
  }
  return found
}

function collectKeys(value: Json, pointer: string, used: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectKeys(item as Json, `${pointer}/*`, used)
  else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      // A name of the user's own choice stands for `*` as well as for itself.
      for (const at of [`${pointer}/${name}`, `${pointer}/*`]) {
        used.add(at)
        collectKeys(member, at, used)
      }
    }
  }
}
