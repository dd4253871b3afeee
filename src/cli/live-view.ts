// How a run stands, as a few lines for a terminal. Pure: facts, width and time in; lines out.

import type { RunView } from '../app.ts'
import type { BatchState } from '../core/run.ts'
import { displayWidth } from '../core/safe-text.ts'
import { bytes, count, counted, duration, fittedTable, unbroken, usd } from './print.ts'
import type { Size } from './screen.ts'

/** Batches shown one by one; the others are counted. */
const LISTED_BATCHES = 8

/** No line is wider than the terminal, so that it never wraps one; where it is low, fewer batches are listed. */
export function renderLive(view: RunView, { columns, rows }: Size, now: number, isStopping = false): string[] {
  for (let listed = LISTED_BATCHES; ; listed -= 1) {
    const lines = [headLine(view, now), rowsLine(view), ...costLines(view), batchesLine(view)]
    lines.push(...openBatches(view, columns, now, listed), '', nextLine(view, now, isStopping))
    const fitted = lines.flatMap((line) => wrapped(line, columns)).map((line) => cut(unbroken(line), columns))
    if (fitted.length < rows || listed === 0) return fitted
  }
}

function headLine({ header }: RunView, now: number): string {
  const local = header.local ? ' · local, nothing is paid' : ''
  return `${header.run} · planned ${duration(now - header.createdAt)} ago${local}`
}

/** Counts are of rows whose fate is final: what the provider does with the others it does not say. */
function rowsLine({ header, states }: RunView): string {
  const statuses = new Map<string, number>()
  for (const { tally } of states) {
    for (const [status, rows] of Object.entries(tally.statuses)) {
      if (rows > 0) statuses.set(status, (statuses.get(status) ?? 0) + rows)
    }
  }
  if (header.rejected > 0) statuses.set('rejected', (statuses.get('rejected') ?? 0) + header.rejected)
  if (header.reused > 0) statuses.set('reused', header.reused)
  const settled = [...statuses.values()].reduce((sum, rows) => sum + rows, 0)
  const parts = [...statuses].map(([status, rows]) => `${count(rows)} ${status}`)
  return `Rows      ${count(settled)} of ${count(header.rows)} settled${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`
}

function costLines({ header, states, maxUsd, outUsdMax }: RunView): string[] {
  if (header.local) return ['Cost      none: the answers are simulated']
  const { usd: estimate, usdMax } = header.estimate
  const spent = states.reduce<number | null>(
    (sum, { tally }) => (sum === null || tally.costUsd === null ? null : sum + tally.costUsd),
    0,
  )
  const now = spent === null ? 'unknown: the model has no price' : `${usd(spent)} spent`
  const lines = [`Cost      ${now}${outUsdMax > 0 ? `, at most ${usd(outUsdMax)} more is on its way` : ''}`]
  const bounds = [
    ...(estimate === null ? [] : [`estimated ${usd(estimate)}, at most ${usd(usdMax)}`]),
    ...(maxUsd === null ? [] : [`budget ${usd(maxUsd)}`]),
  ]
  if (bounds.length > 0) lines.push(`          ${bounds.join('; ')}`)
  return lines
}

const PHASES = [
  ['done', 'done'],
  ['ended', 'being collected'],
  ['submitted', 'at the provider'],
  ['submitting', 'being submitted'],
  ['planned', 'waiting'],
  ['refused', 'refused'],
] as const

function batchesLine({ states }: RunView): string {
  const own = states.filter(({ requests }) => requests > 0)
  const parts = PHASES.map(([phase, words]) => [own.filter((state) => state.phase === phase).length, words] as const)
    .filter(([batches]) => batches > 0)
    .map(([batches, words]) => `${count(batches)} ${words}`)
  return `Batches   ${count(own.length)}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`
}

/** What is on its way, the oldest first: its age, and how long the provider still has for it. */
function openBatches({ states }: RunView, columns: number, now: number, listed: number): string[] {
  const open = states.filter(({ phase }) => phase === 'submitting' || phase === 'submitted' || phase === 'ended')
  if (open.length === 0 || listed === 0) return []
  const shown = open.toSorted((a, b) => ageFrom(a, now) - ageFrom(b, now)).slice(0, listed)
  const rows = [HEADINGS, ...shown.map((state) => batchCells(state, now))]
  const lines = ['', ...fittedTable(rows, columns, DISPENSABLE, '  ').trimEnd().split('\n')]
  if (open.length > shown.length) lines.push(`  and ${counted(open.length - shown.length, 'batch')} more`)
  return lines
}

const HEADINGS = ['batch', 'attempt', 'requests', 'size', 'state', 'age', 'expires in', 'id']
/** What a narrow terminal can do without, in this order: positions in `HEADINGS`. */
const DISPENSABLE = [7, 3, 1, 2]

function batchCells(state: BatchState, now: number): (string | number)[] {
  const { index, attempt, phase, remote } = state
  const words = PHASES.find(([name]) => name === phase)?.[1] ?? phase
  const expires = phase === 'submitted' && typeof remote?.expiresAt === 'number' ? remote.expiresAt - now : undefined
  return [
    index,
    attempt,
    state.take ?? state.requests,
    bytes(state.bytes),
    state.cancel === 'no' ? words : 'being cancelled',
    duration(now - ageFrom(state, now)),
    expires === undefined ? '' : duration(expires),
    remote?.id ?? '',
  ]
}

function ageFrom({ remote, submittingSince }: BatchState, now: number): number {
  return remote?.createdAt ?? submittingSince ?? now
}

function nextLine({ nextPollAt, states }: RunView, now: number, isStopping: boolean): string {
  if (states.every(({ phase }) => phase === 'done')) return 'Everything is collected; the outcomes are being delivered.'
  if (isStopping) return 'Stopping: what is in hand is finished. Ctrl-C again stops at once.'
  if (nextPollAt === undefined) return 'Ctrl-C stops here; what is at the provider goes on.'
  const wait = nextPollAt - now
  const when = wait < 500 ? 'now' : `in ${duration(wait)}`
  return `The provider is asked again ${when}. Ctrl-C stops here; its batches go on.`
}

/** A line with a heading, or below one, that is too long goes on below itself, broken after a comma. */
function wrapped(line: string, columns: number): string[] {
  if (!/^([A-Z]\w+ {2,}| {10}\S)/.test(line) || displayWidth(line) <= columns) return [line]
  const lines: string[] = []
  let current = ''
  for (const piece of line.split(/(?<=[,;] )/)) {
    if (current !== '' && displayWidth(current + piece.trimEnd()) > columns) {
      lines.push(current.trimEnd())
      current = ' '.repeat(HEADING_COLUMNS)
    }
    current += piece
  }
  return [...lines, current]
}

const HEADING_COLUMNS = 10

/** The line in at most `columns` columns, marked where something is missing. */
export function cut(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line
  let short = ''
  for (const character of line) {
    if (displayWidth(short + character) > columns - 1) break
    short += character
  }
  return `${short}…`
}
