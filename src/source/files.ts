import { posix } from 'node:path'
import { filesOf, PATH_OPTION } from './files-of.ts'
import type { Source } from './source.ts'

export const files: Source = {
  type: 'files',
  about:
    'One row a file: file.path, file.name, file.stem, file.ext (with its dot), file.dir and file.size in bytes. The content is read by `documents`.',
  options: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: { path: { ...PATH_OPTION, examples: ['reports/*.pdf', 'scans/**/*.{png,jpg}', ['a.pdf', 'b.pdf']] } },
  },
  extensions: ['.pdf', '.png', '.jpg', '.jpeg', '.gif', '.webp', '.txt', '.md', '.html'],
  async *rows(options, context) {
    for await (const { path, size } of filesOf(options.path, context)) {
      context.signal.throwIfAborted()
      const { base: name, name: stem, ext, dir } = posix.parse(path)
      yield {
        fields: { file: { path, name, stem, ext, dir: dir === '' ? '.' : dir, size } },
        key: path,
        place: { file: path },
      }
    }
  },
}
