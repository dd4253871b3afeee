// The data that the jobs of keys-jobs.ts speak of.

import { DuckDBInstance } from '@duckdb/node-api'
import { pdfOf } from '../prompt/pdfs.ts'
import { createProject, type Project } from '../support/cli.ts'

/** What `everything` says of its rows, and what the emulator is told to do about it. */
export const CASES = [
  { id: 'plain', say: 'A plain question.', formula: '=1+1' },
  { id: 'cut', say: 'Be cut once.', formula: '-' },
  { id: 'busy', say: 'Be busy for ever.', formula: '-' },
  { id: 'lost', formula: '-' },
  { id: 'last', say: 'A last question.', formula: '@x' },
] as const

const ANSWER_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['word'],
  properties: { word: { type: 'string' } },
}

export async function keysProject(): Promise<Project> {
  const project = await createProject()
  await Promise.all([
    project.write('data/rows.csv', 'id,name,stars\n1,Ann,5\n2,Bo,2\n3,Cy,4\n4,Di,1\n5,Ed,3\n'),
    project.write('data/odd.txt', Buffer.from("1;'Gr\u00fc\u00dfe; it\\'s'\n2;x\n", 'latin1')),
    project.write('data/a.tsv', 'a\tb\n1\tx y\n'),
    project.write('data/cases.jsonl', CASES.map((row) => `${JSON.stringify(row)}\n`).join('')),
    project.write('data/nested.json', '{"data": {"items": [{"v": "one"}, {"v": "two"}]}}'),
    project.write('data/rows.mjs', 'export async function* people() { yield { name: "Ann" }; yield { name: "Bo" } }\n'),
    project.write('docs/three.pdf', await pdfOf(['First page', 'Second page', 'Third page'])),
    project.write('docs/dot.png', PNG),
    project.write('docs/plain.txt', 'Größe zählt.\n'),
    project.write('t/main.hbs', '{{> greeting}} {{name}}!'),
    project.write('t/greeting.hbs', 'Hello'),
    project.write('t/q.hbs', '({{q}})'),
    project.write('schemas/answer.schema.json', JSON.stringify(ANSWER_SCHEMA)),
    project.write(
      'schemas/lookup.schema.json',
      '{"type":"object","required":["word"],"properties":{"word":{"type":"string"}}}',
    ),
    project.write('tools/lookup.mjs', 'export const lookUp = ({ word }) => "Looked up a " + typeof word'),
  ])
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT * FROM (VALUES ('Ann', 'bytes'::BLOB, 1), ('Bo', 'more'::BLOB, 2)) AS t(name, raw, hidden)) TO '${project.path('data/table.parquet')}' (FORMAT parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
  return project
}

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
