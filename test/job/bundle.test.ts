import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import { load, problemsOf, project } from './project.ts'

const JOB = 'model: m\ndataset: a.csv\nprompt: x\noutput: { schema: { $ref: schemas/order.json } }\n'

async function schemaOf(files: Readonly<Record<string, string>>, job = JOB): Promise<JsonObject> {
  const cwd = await project({ 'a.yaml': job, ...files })
  return (await load(cwd, 'a.yaml')).job.output?.schema ?? {}
}

test('a schema of several files becomes one that needs no other file', async () => {
  const schema = await schemaOf({
    'schemas/order.json': JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['customer'],
      properties: {
        customer: { $ref: 'parts/person.json' },
        total: { $ref: 'parts/money.json#/$defs/amount' },
        own: { $ref: '#/$defs/own' },
      },
      $defs: { own: { type: 'boolean' }, person: { const: 'a name that is taken' } },
    }),
    'schemas/parts/person.json': JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.com/person',
      type: 'object',
      properties: { name: { type: 'string' }, boss: { $ref: '#' }, orders: { items: { $ref: '../order.json' } } },
    }),
    'schemas/parts/money.json': JSON.stringify({
      $defs: { amount: { $ref: '#/$defs/number' }, number: { type: 'number' } },
    }),
  })
  expect(JSON.stringify(schema)).not.toContain('.json')
  const { validate } = compileSchema(schema)
  expect(validate({ customer: { name: 'Ada', boss: { name: 'Bob' }, orders: [{ customer: {} }] }, total: 1 })).toEqual(
    [],
  )
  const wrong = { customer: { boss: { name: 1 }, orders: [{ customer: 2 }] }, total: 'much', own: 3 }
  expect(validate(wrong).map(({ path }) => path)).toEqual([
    '/customer/boss/name',
    '/customer/orders/0/customer',
    '/total',
    '/own',
  ])
})

test('files that refer to one another in a circle are bundled once each', async () => {
  const schema = await schemaOf({
    'schemas/order.json': '{"type":"object","properties":{"b":{"$ref":"b.json"}}}',
    'schemas/b.json': '{"properties":{"c":{"$ref":"c.json"}}}',
    'schemas/c.json': '{"properties":{"b":{"$ref":"b.json"},"order":{"$ref":"order.json#"}}}',
  })
  expect(Object.keys(schema.$defs as JsonObject)).toEqual(['b', 'c'])
  expect(compileSchema(schema).validate({ b: { c: { b: { c: { order: 5 } } } } })).toHaveLength(1)
})

test('an inline schema may refer to files, relative to the root', async () => {
  const job = JOB.replace('{ $ref: schemas/order.json }', '{ type: array, items: { $ref: schemas/order.json } }')
  const schema = await schemaOf({ 'schemas/order.json': '{"type":"string"}' }, job)
  expect(schema).toEqual({ type: 'array', items: { $ref: '#/$defs/order' }, $defs: { order: { type: 'string' } } })
})

test('a part of a file may be the whole schema', async () => {
  const schema = await schemaOf(
    { 'schemas/order.json': '{"$defs":{"a":{"type":"integer"}}}' },
    JOB.replace('order.json', '"schemas/order.json#/$defs/a"').replace('schemas/"', '"'),
  )
  expect(compileSchema(schema).validate('x')).toHaveLength(1)
})

test('$ref as the name of a property and inside plain data is let be', async () => {
  const file = {
    type: 'object',
    properties: { $ref: { type: 'string' } },
    default: { $ref: 'nope.json' },
    examples: [{ $ref: 'x' }],
  }
  expect(await schemaOf({ 'schemas/order.json': JSON.stringify(file) })).toEqual(file)
})

test('schemas may be YAML and JSON with tabs, and drafts down to 6', async () => {
  expect(await schemaOf({ 's.yaml': 'type: object\n' }, JOB.replace('schemas/order.json', 's.yaml'))).toEqual({
    type: 'object',
  })
  const draft7 =
    '{\n\t"$schema": "http://json-schema.org/draft-07/schema#",\n\t"definitions": {"a": {}},\n\t"properties": {"a": {"$ref": "#/definitions/a"}}\n}'
  expect(await schemaOf({ 'schemas/order.json': draft7 })).toEqual(JSON.parse(draft7))
})

test.each([
  ['{"a": 1,}', 1, 9, /a name in double quotes is wanted here, and there is "}"/],
  ['{"a": 1 "b": 2}', 1, 9, /a comma or } is wanted/],
  ['[1, 2', 1, 6, /ends here, but a comma or ] is missing/],
  ['{"a": tru}', 1, 7, /a value is wanted/],
  ['{"a": "x\ny"}', 1, 7, /a text with its closing quote/],
  ['{"a" 1}', 1, 6, /a colon is wanted/],
  ['{"a": 01}', 1, 8, /a comma or }/],
  ['{} {}', 1, 4, /the end is wanted/],
  ['', 1, 1, /ends here, but a value is missing/],
  ["{'a': 1}", 1, 2, /a name in double quotes/],
  ['{"a": 1, "a": 2}', 1, 10, /"a".* occurs twice/],
  [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 1, 101, /nested more than 100 levels/],
  ['[1]', 1, 1, /A JSON Schema is an object/],
])('the broken schema file %j is refused at its place', async (text, line, column, message) => {
  const cwd = await project({ 'a.yaml': JOB, 'schemas/order.json': text })
  const [problem] = await problemsOf(cwd, 'a.yaml')
  expect(problem).toMatchObject({ file: 'schemas/order.json', line, column, message: expect.stringMatching(message) })
})

test('a schema outside the root is refused', async () => {
  const cwd = await project({
    'out.json': '{}',
    'in/package.json': '{}',
    'in/a.yaml': JOB.replace('schemas/order', '../out'),
  })
  expect((await problemsOf(`${cwd}/in`, 'a.yaml'))[0]).toMatchObject({
    file: 'a.yaml',
    line: 4,
    path: '/output/schema/$ref',
  })
})

test('a file that two schemas refer to is complained about once', async () => {
  const tools = 'tools: [{ name: a, input_schema: { $ref: schemas/order.json } }]\n'
  const cwd = await project({ 'a.yaml': JOB + tools, 'schemas/order.json': '{"type": "objekt"}' })
  expect(await problemsOf(cwd, 'a.yaml')).toHaveLength(1)
})
