import type { JsonObject } from '../core/json.ts'
import { COLUMNS_OPTION, checkColumns, namedColumns, objectOf } from './columns.ts'
import { textFileOptions } from './file-options.ts'
import type { Sink, SinkContext } from './sink.ts'
import { openTextFile, probeTextFile, type TextFormat } from './text-file.ts'

export const jsonl: Sink = {
  type: 'jsonl',
  about: 'One JSON object a line, one line a row: the whole outcome, or the columns you name.',
  extensions: ['.jsonl', '.ndjson'],
  delivery: 'whole',
  options: textFileOptions('jsonl', { columns: COLUMNS_OPTION }),
  check: checkColumns,
  async probe(options, context) {
    namedColumns(options, context)
    await probeTextFile(options, context)
  },
  open: (options, context) => openTextFile(options, context, formatOf(options, context)),
}

function formatOf(options: JsonObject, context: SinkContext): TextFormat {
  const columns = namedColumns(options, context)
  return {
    head: '',
    item: (outcome) => `${JSON.stringify(columns === undefined ? outcome : objectOf(columns, outcome))}\n`,
    tail: () => '',
    ...(columns === undefined ? { around: () => ['', '\n'] as const } : {}),
  }
}
