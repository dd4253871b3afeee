// The rows of a batch that were not sent: rejected at planning, or answered by an earlier run.

import { isUtf8 } from 'node:buffer'
import type { PlannedBatch } from '../core/batch.ts'
import { runFiles } from '../core/names.ts'
import type { RejectedLine } from '../core/request-line.ts'
import { parseReusedLine, type StoredReused } from '../core/reused-line.ts'
import { lineBlocks } from '../disk/lines.ts'
import type { AnswerScanner } from '../provider/provider.ts'
import { CARRIED_NOTHING, parseRowFields } from './carried.ts'
import { isFinalText } from './check-output.ts'
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
  let seen = 0
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_REUSED_BYTES, tooLong)) {
    seen += lines.length
    yield lines.map((line) => reusedRow(context, parseReusedLine(line, tooLong), scanner))
  }
  if (seen !== batch.reused) throw new PlanDamagedError(header.run, name)
}

function reusedRow(context: RunContext, reused: StoredReused, scanner: AnswerScanner | undefined): SettledRow {
  const { ordinal, key, row, line, batch: batchId } = reused
  const answer = isUtf8(line) ? scanner?.scan(line, 0, line.length) : undefined
  if (answer !== undefined && isFinalText(context, line, answer.textStart, answer.textEnd)) {
    const { textStart, textEnd } = answer
    return new PlainReusedRow(context, ordinal, {
      key,
      customId: line.toString('utf8', answer.idStart, answer.idEnd),
      batchId,
      stopReason: line.toString('utf8', answer.stopStart, answer.stopEnd),
      model: line.toString('utf8', answer.modelStart, answer.modelEnd),
      carried: CARRIED_NOTHING,
      bytes: line,
      textStart,
      textEnd,
      row,
    })
  }
  const { customId, result } = context.provider.decode(parseResultLine(line))
  const { final } = settleResult(context, CARRIED_NOTHING, result).settled
  const sent = { customId, batchId, final, carried: CARRIED_NOTHING }
  return settledRow(ordinal, outcomeOf(context, key, parseRowFields(row.toString('utf8')), sent))
}
