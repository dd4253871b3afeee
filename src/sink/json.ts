import type { JsonObject } from '../core/json.ts'
import { COLUMNS_OPTION, checkColumns, namedColumns, objectOf } from './columns.ts'
import { textFileOptions } from './file-options.ts'
import type { Sink, SinkContext } from './sink.ts'
import { openTextFile, probeTextFile, type TextFormat } from './text-file.ts'

export const json: Sink = {
  type: 'json',
  about: 'One JSON array with an object for every row, one a line: the whole outcome, or the columns you name.',
  extensions: ['.json'],
  delivery: 'whole',
  options: textFileOptions('json', { columns: COLUMNS_OPTION }),
  check: checkColumns,
  async probe(options, context) {
    namedColumns(options, context)
    await probeTextFile(options, context)
  },
  open: (options, context) => openTextFile(options, context, formatOf(options, context)),
}

function formatOf(options: JsonObject, context: SinkContext): TextFormat {
  const columns = namedColumns(options, context)
  const before = (position: number): string => (position === 0 ? '\n' : ',\n')
  return {
    head: '[',
    item: (outcome, position) =>
      `${before(position)}${JSON.stringify(columns === undefined ? outcome : objectOf(columns, outcome))}`,
    tail: (items) => (items === 0 ? ']\n' : '\n]\n'),
    ...(columns === undefined ? { around: (position) => [before(position), ''] as const } : {}),
  }
}
