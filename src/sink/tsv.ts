import { columnsOf } from './columns.ts'
import { checkDelimited, DELIMITED_OPTIONS, delimitedFormat } from './delimited.ts'
import { textFileOptions } from './file-options.ts'
import type { Sink } from './sink.ts'
import { openTextFile, probeTextFile } from './text-file.ts'

export const tsv: Sink = {
  type: 'tsv',
  about: 'A table with a header, values between tabs, quoted as RFC 4180 says; nested values are JSON text.',
  extensions: ['.tsv', '.tab'],
  delivery: 'whole',
  mayRunAside: true,
  options: textFileOptions('tsv', { ...DELIMITED_OPTIONS }),
  check: checkDelimited,
  async probe(options, context) {
    columnsOf(options, context)
    await probeTextFile(options, context)
  },
  open: (options, context) => openTextFile(options, context, delimitedFormat(options, context, '\t')),
}
