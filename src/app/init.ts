// The small project that `init` writes: it runs offline at once.

import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { writeAtomically } from '../disk/atomic-file.ts'
import { exists } from '../disk/exists.ts'

/** Path below the folder → content. */
const FILES: Readonly<Record<string, string>> = {
  'jobs/reviews.yaml': `# yaml-language-server: $schema=../schemas/job.schema.json
version: 1
model: claude-haiku-5-5
dataset: { type: csv, path: data/reviews.csv, key: "{{id}}" }
prompt: { template: templates/review.hbs }
output:
  schema: { $ref: schemas/review.schema.json }   # the answer must be JSON that fits
sinks:
  - out/reviews.csv
  - { type: jsonl, path: out/reviews.failed.jsonl, select: failed }
`,
  'templates/review.hbs': `A customer wrote this about {{product}}:

{{text}}

Say how the customer feels about it and name what they praise or blame.
`,
  'schemas/review.schema.json': `${JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['sentiment', 'reason'],
      properties: {
        sentiment: { enum: ['positive', 'mixed', 'negative'] },
        reason: { type: 'string', description: 'What the customer praises or blames, in one sentence.' },
      },
    },
    null,
    2,
  )}
`,
  'data/reviews.csv': `id,product,text
r1,Kettle,"Boils fast, and the lid stays cool."
r2,Kettle,Leaks at the spout since the second week.
r3,Desk lamp,"Good light, but the switch is hard to reach."
r4,Desk lamp,Exactly what I wanted.
`,
  // The folder marks the project's root, also in a clone of the repository; what it holds is nobody's business but ours.
  '.batchwright/.gitignore': '*\n!.gitignore\n',
  '.gitignore': 'out/\n',
}

/** Writes the project and answers with the paths. Throws UserError, with nothing written, where one of them exists. */
export async function initProject(folder: string, jobSchemaText: string): Promise<string[]> {
  const files = { ...FILES, 'schemas/job.schema.json': jobSchemaText }
  const taken = []
  for (const path of Object.keys(files)) {
    // An ignore file is the user's own: it is left as it is.
    if (path !== '.gitignore' && (await exists(join(folder, path)))) taken.push(path)
  }
  if (taken.length > 0) {
    throw new UserError({
      message: `${folder} already has ${taken.join(', ')}; nothing was written.`,
      hint: 'Name another folder: batchwright init DIR',
    })
  }
  const written: string[] = []
  for (const [path, content] of Object.entries(files)) {
    if (await exists(join(folder, path))) continue
    await writeAtomically(join(folder, path), content)
    written.push(path)
  }
  return written
}
