// What the sinks of JSON in one file have in common: an object for every row, the whole outcome or named columns.

import type { JsonObject } from '../core/json.ts'
import { COLUMNS_OPTION, checkColumns, namedColumns, objectOf } from './columns.ts'
import { textFileOptions } from './file-options.ts'
import type { Sink, SinkContext } from './sink.ts'
import { openTextFile, probeTextFile, type TextFormat } from './text-file.ts'

/** What stands around the objects, in ASCII: a text before and after each, by its position from 0. */
type Frame = Required<Pick<TextFormat, 'head' | 'tail' | 'around'>>

export function jsonFileSink(
  type: string,
  { frame, ...rest }: Pick<Sink, 'about' | 'extensions'> & { readonly frame: Frame },
): Sink {
  return {
    type,
    ...rest,
    delivery: 'whole',
    mayRunAside: true,
    options: textFileOptions(type, { columns: COLUMNS_OPTION }),
    check: checkColumns,
    async probe(options, context) {
      namedColumns(options, context)
      await probeTextFile(options, context)
    },
    open: (options, context) => openTextFile(options, context, formatOf(frame, options, context)),
  }
}

function formatOf({ around, ...ends }: Frame, options: JsonObject, context: SinkContext): TextFormat {
  const columns = namedColumns(options, context)
  return {
    ...ends,
    item(outcome, position) {
      const [before, after] = around(position)
      return `${before}${JSON.stringify(columns === undefined ? outcome : objectOf(columns, outcome))}${after}`
    },
    ...(columns === undefined ? { around } : {}),
  }
}
