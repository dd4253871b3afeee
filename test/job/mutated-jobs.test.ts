/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: a job may say such things. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatProblems } from '../../src/cli/problems.ts'
import { UserError } from '../../src/core/errors.ts'
import { load, project } from './project.ts'

const JOB = `version: 1
vars: { language: English }
provider: { type: anthropic, headers: { x: "\${NONE:-y}" } }
model: claude-haiku-5-5
params: { max_tokens: 1024, output_config: { effort: low } }
dataset:
  type: csv
  path: data/*.csv
  key: "{{id}}"
  where: "size(text) > 0"
  sample: { size: 100, seed: 7 }
  matrix: { language: [English, French] }
documents:
  - file: "{{path}}"
    pages: 1-50
system: { template: t/a.hbs, cache: 1h }
messages:
  - { role: user, content: [x, { text: y }] }
tools:
  - { name: a, input_schema: { $ref: s.json }, handler: { command: [x] } }
  - { type: web_search_20250305, name: web_search }
output: { schema: { type: object, properties: { a: { $ref: "s.json#/properties/b" } } }, mode: prompt }
sinks:
  - out/a.jsonl
  - { type: csv, path: out/a.csv, columns: { t: output.title } }
batch: { max_bytes: 200MB, poll: 5s..60s }
retry: { truncated: { max_tokens: 8192 } }
`

const PIECES = '{ } [ ] : - " \' # &a *a ${X} {{ | > !x ~ null 0 -1 1e999 true ? <<: __proto__: ../ % @ , $ref'
  .split(' ')
  .concat(['\t', '\n', '- ', 'a: ', '\u0000', '\u202e', '🎉'])

const change = fc.record({
  at: fc.nat(JOB.length),
  remove: fc.nat(12),
  insert: fc.option(fc.constantFrom(...PIECES), { nil: '' }),
})

test('however a job is mistyped, it is loaded or explained, and never crashes the program', async () => {
  const cwd = await project({ 't/a.hbs': 'x', 's.json': '{"type":"object","properties":{"b":{"type":"string"}}}' })
  const file = join(cwd, 'a.yaml')
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const text = changes.reduce(
        (job, { at, remove, insert }) => job.slice(0, at) + insert + job.slice(at + remove),
        JOB,
      )
      await writeFile(file, text)
      const problems = await problemsIn(cwd)
      const printed = formatProblems(problems, 'pretty', { color: false, cwd })
      expect(printed).not.toMatch(/undefined|NaN|\[object|must match exactly one|\n {4}at /)
      for (const { message, line = 1, column = 1, length = 1 } of problems) {
        expect(message).toMatch(/[.?]$/)
        expect(Math.min(line, column, length)).toBeGreaterThanOrEqual(1)
      }
    }),
    { numRuns: 300, seed: 20261122 },
  )
})

async function problemsIn(cwd: string): Promise<UserError['problems']> {
  try {
    await load(cwd, 'a.yaml')
    return []
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
}
