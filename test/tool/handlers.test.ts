import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, createToolProject, type ToolProject } from './project.ts'

const SCHEMA = {
  type: 'object',
  required: ['term'],
  additionalProperties: false,
  properties: { term: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
} as const

describe('the handlers of a job', () => {
  let project: ToolProject
  beforeEach(async () => {
    project = await createToolProject()
  })
  afterEach(() => project.remove())

  it('never see an input that breaks the schema; the model is told in sentences', async () => {
    await project.write('tools.mjs', 'export default () => { throw new Error("must not run") }')
    const handlers = project.open({ lookup: { module: 'tools.mjs' } }, SCHEMA)
    const result = await call(handlers, 'lookup', { count: 0, name: 'fog' })
    expect(result.isError).toBe(true)
    expect(result.content).toBe(
      [
        'The input does not fit the schema of the tool, which was not run:',
        '- "term" is missing.',
        '- Unknown field "name".',
        '- count must be 1 or more; it is 0.',
        'Call it again with an input that fits.',
      ].join('\n'),
    )
  })

  it('answer a call of a tool that there is not', async () => {
    const handlers = project.open({ a: { http: 'http://127.0.0.1:1' }, b: { http: 'http://127.0.0.1:1' } })
    const result = await call(handlers, 'c')
    expect(result).toEqual({ content: 'There is no tool "c". There is a and b.', isError: true })
  })
})
