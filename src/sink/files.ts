import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Problem } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { claim } from './claim.ts'
import { FilesWriter } from './files-writer.ts'
import type { Sink } from './sink.ts'
import { fixedFolder, isTemplate, probeFolder } from './target-path.ts'

export const files: Sink = {
  type: 'files',
  about: 'One file for every row, its path and its content rendered from the outcome.',
  extensions: ['.md', '.markdown', '.txt', '.html', '.htm'],
  delivery: 'whole',
  options: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description:
          'The path of each file, relative to the project root: a template over the outcome, run and job. What it renders to stays below the folder it begins with, and no two rows may have the same. A path that ends in .gz is compressed.',
        examples: ['out/summaries/{{key}}.md'],
      },
      template: {
        type: 'string',
        description:
          'The template of the content: a file, or the text itself. Default: the answer’s text (for a path that ends in .json, the output as JSON); for a row without an answer, the outcome as JSON.',
        examples: ['templates/summary.md.hbs'],
      },
    },
  },
  check: checkPath,
  async probe(options, context) {
    const path = String(options.path)
    await probeFolder(resolve(context.root, fixedFolder(path)), path)
  },
  async open(options, context) {
    const path = String(options.path)
    const folder = resolve(context.root, fixedFolder(path))
    const digest = createHash('sha256').update(path).digest('hex').slice(0, 8)
    const list = `${context.run.replaceAll(/[^\w.-]/g, '_')}-${digest}.jsonl`
    const manifest = join(context.root, '.batchwright', 'files', list)
    const release = claim(join(folder, digest), path)
    return FilesWriter.open({ path, folder, manifest, context, release })
  },
}

function checkPath(options: JsonObject): readonly Problem[] {
  const path = String(options.path)
  if (isTemplate(path)) return []
  return [
    {
      message: `The path "${path}" is the same for every row, and this sink writes one file for each.`,
      hint: 'Put the key into it, such as "out/{{key}}.md"; for one file with all rows use jsonl, json or csv.',
      path: '/path',
    },
  ]
}
