// The rows of a batch that were not sent: rejected at planning, or answered by an earlier run.

import { isUtf8 } from 'node:buffer'
import type { PlannedBatch } from '../core/batch.ts'
import { runFiles } from '../core/names.ts'
import type { RejectedLine } from '../core/request-line.ts'
import { parseReusedLine, type StoredReused } from '../core/reused-line.ts'
import { lineBlocks, wholeLines } from '../disk/lines.ts'
import type { AnswerScanner } from '../provider/provider.ts'
import { CARRIED_NOTHING, parseRowFields } from './carried.ts'
import { plainKindOf } from './check-output.ts'
import { PlainWriter } from './plain-outcome.ts'
import { PlainReusedRow } from './plain-row.ts'
import type { RunContext } from './ports.ts'
import { PlanDamagedError } from './request-file.ts'
import { parseResultLine } from './result-line.ts'
import { failed } from './settle.ts'
import { settleResult } from './settle-attempt.ts'
import { outcomeOf, type SettledRow, settledRow } from './settled-row.ts'

const MAX_LINE_BYTES = 256_000_000
/** An answer and its row. */
export const MAX_REUSED_BYTES = 768_000_000
const NEWLINE = 10

/** The rows of a batch's range that were never sent, because their checks failed. */
export async function* rejectedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  if (batch.rejected === 0) return
  const { artifacts, header } = context
  const name = runFiles.rejected(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  let seen = 0
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    seen += lines.length
    for (const text of lines) {
      const line = JSON.parse(text.toString('utf8')) as RejectedLine
      const final = failed('rejected', 'rejected', line.reason)
      const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
      yield settledRow(line.ordinal, outcomeOf(context, line.key, line.row, sent))
    }
  }
  if (seen !== batch.rejected) throw new PlanDamagedError(header.run, name)
}

/** The rows of a batch's range whose answer is an earlier run's: nothing was spent on them here. */
export async function* reusedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  for await (const rows of reusedBlocks(context, batch)) yield* rows
}

/** The same, many rows at a time. */
export async function* reusedBlocks(context: RunContext, batch: PlannedBatch): AsyncGenerator<readonly SettledRow[]> {
  if (batch.reused === undefined) return
  const { artifacts, header, provider } = context
  const name = runFiles.reused(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  const scanner = provider.scanner?.()
  const writer = new PlainWriter(context)
  let seen = 0
  for await (const block of wholeLines(artifacts.read(header.run, name), MAX_REUSED_BYTES, tooLong)) {
    // What is copied to a sink has to be text.
    const isText = isUtf8(block)
    const rows: SettledRow[] = []
    for (let start = 0; start < block.length; ) {
      const newline = block.indexOf(NEWLINE, start)
      const end = newline < 0 ? block.length : newline
      const reused = parseReusedLine(block, tooLong, start, end)
      rows.push((isText ? plainRow(writer, reused, block, scanner) : undefined) ?? decodedRow(context, reused))
      start = end + 1
    }
    seen += rows.length
    yield rows
  }
  if (seen !== batch.reused) throw new PlanDamagedError(header.run, name)
}

/** undefined: its answer is not surely one that succeeded as it stands. */
function plainRow(
  writer: PlainWriter,
  reused: StoredReused,
  bytes: Buffer,
  scanner: AnswerScanner | undefined,
): SettledRow | undefined {
  const answer = scanner?.scan(bytes, reused.lineStart, reused.lineEnd)
  if (answer === undefined) return undefined
  const { textStart, textEnd } = answer
  const kind = plainKindOf(writer.context, bytes, textStart, textEnd)
  if (kind === undefined) return undefined
  return new PlainReusedRow(writer, reused.ordinal, {
    key: reused.key,
    customId: bytes.toString('utf8', answer.idStart, answer.idEnd),
    batchId: reused.batch,
    stopReason: bytes.toString('utf8', answer.stopStart, answer.stopEnd),
    model: bytes.toString('utf8', answer.modelStart, answer.modelEnd),
    spent: CARRIED_NOTHING,
    bytes,
    textStart,
    textEnd,
    isOutput: kind === 'output',
    rowBytes: reused.row,
    rowStart: 0,
    rowEnd: reused.row.length,
  })
}

function decodedRow(context: RunContext, { ordinal, key, row, line, batch: batchId }: StoredReused): SettledRow {
  const { customId, result } = context.provider.decode(parseResultLine(line))
  const { final } = settleResult(context, CARRIED_NOTHING, result).settled
  const sent = { customId, batchId, final, carried: CARRIED_NOTHING }
  return settledRow(ordinal, outcomeOf(context, key, parseRowFields(row.toString('utf8')), sent))
}
