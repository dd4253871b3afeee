import { columnsOf } from './columns.ts'
import { checkDelimited, DELIMITED_OPTIONS, DELIMITER_OPTION, delimitedFormat } from './delimited.ts'
import { textFileOptions } from './file-options.ts'
import type { Sink } from './sink.ts'
import { openTextFile, probeTextFile } from './text-file.ts'

export const csv: Sink = {
  type: 'csv',
  about: 'A table with a header, values between commas, quoted as RFC 4180 says; nested values are JSON text.',
  extensions: ['.csv'],
  delivery: 'whole',
  mayRunAside: true,
  options: textFileOptions('csv', { ...DELIMITED_OPTIONS, delimiter: DELIMITER_OPTION }),
  check: checkDelimited,
  async probe(options, context) {
    columnsOf(options, context)
    await probeTextFile(options, context)
  },
  open: (options, context) => openTextFile(options, context, delimitedFormat(options, context, ',')),
}
