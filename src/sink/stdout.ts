import type { Outcome } from '../core/result.ts'
import { COLUMNS_OPTION, checkColumns, namedColumns, objectOf } from './columns.ts'
import type { Sink, SinkPart } from './sink.ts'

const PIECE_CHARACTERS = 1 << 16

/**
 * The `stdout` sink over whatever stream `write` reaches; it resolves when the stream takes more. Declared without a
 * stream for docs and checks, given one where the program is put together.
 */
export function createStdoutSink(write: (bytes: Uint8Array) => Promise<void>): Sink {
  return {
    type: 'stdout',
    about:
      'One JSON object a line on standard output, as batches end; what was printed cannot be taken back, so an interrupted run may print a row again.',
    delivery: 'parts',
    options: { type: 'object', additionalProperties: false, properties: { columns: COLUMNS_OPTION } },
    check: checkColumns,
    async probe(options, context) {
      namedColumns(options, context)
    },
    async open(options, context) {
      const columns = namedColumns(options, context)
      return {
        location: 'stdout',
        openPart: async () =>
          linesPart(write, (outcome) => JSON.stringify(columns === undefined ? outcome : objectOf(columns, outcome))),
        finish: async () => undefined,
        abort: async () => undefined,
      }
    },
  }
}

/** Prints in pieces of whole lines; the last piece with the commit, so that a short part that is aborted prints nothing. */
function linesPart(write: (bytes: Uint8Array) => Promise<void>, lineOf: (outcome: Outcome) => string): SinkPart {
  let pending = ''
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(pending)
    pending = ''
    if (bytes.length > 0) await write(bytes)
  }
  return {
    write: (outcome) => {
      pending += `${lineOf(outcome)}\n`
      return pending.length < PIECE_CHARACTERS ? undefined : flush()
    },
    commit: flush,
    abort: async () => {
      pending = ''
    },
  }
}
