import { COLUMNS_OPTION, checkColumns, columnsOf } from './columns.ts'
import { fileSinkOptions } from './file-options.ts'
import type { Sink } from './sink.ts'
import { probeTextFile } from './text-file.ts'

export const parquet: Sink = {
  type: 'parquet',
  about:
    'A Parquet file with a typed column for each value: types come from the output schema and from the data, nested values are lists and structs.',
  extensions: ['.parquet'],
  delivery: 'whole',
  options: fileSinkOptions('parquet', {
    columns: {
      ...COLUMNS_OPTION,
      description: `${COLUMNS_OPTION.description} Default: key, status, the output (or each property of its schema), error, cost_usd.`,
    },
  }),
  check: (options) => [
    ...checkColumns(options),
    ...(String(options.path).endsWith('.gz')
      ? [{ message: 'A Parquet file is compressed inside; let its path end in .parquet.', path: '/path' }]
      : []),
  ],
  async probe(options, context) {
    columnsOf(options, context)
    await probeTextFile(options, context)
  },
  async open(options, context) {
    // Loaded with the first file: most jobs write none, and every command would wait for the encoder.
    const [{ openParquet }, { createParquetFile }] = await Promise.all([
      import('./parquet-writer.ts'),
      import('./parquet-encoder.ts'),
    ])
    return openParquet(options, context, createParquetFile)
  },
}
