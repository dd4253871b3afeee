// `show RUN KEY`: one row from its first request to its last answer, from what is stored; the provider is not asked.

import { type ShownRow, showRow } from '../app.ts'
import { visible } from '../core/safe-text.ts'
import { type ToldEnd, type ToldRound, type Turn, tellRounds } from '../core/told-round.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { count, counted, oneLine, usd } from './print.ts'
import type { Flags } from './program.ts'

export async function show(io: Io, args: string[], flags: Flags): Promise<number> {
  const [name, key = ''] = args
  const { workspace, header } = await openRun(io, name, flags)
  try {
    const row = await showRow(workspace, header, key)
    await io.out(flags.json === true ? `${JSON.stringify(documentOf(header.run, row))}\n` : textOf(header.run, row))
    return 0
  } finally {
    await workspace.close()
  }
}

function documentOf(run: string, { key, outcome, rounds }: ShownRow) {
  return {
    run_id: run,
    key,
    status: outcome?.status ?? 'pending',
    outcome,
    rounds: rounds.map(({ attempt, kind, batchId, request, digest, result, withdrawn }) => {
      return { attempt, kind, batch_id: batchId, request, request_sha256: digest, result, withdrawn }
    }),
  }
}

function textOf(run: string, { key, outcome, rounds }: ShownRow): string {
  const lines = [`${oneLine(shortened(key))}  ${outcome?.status ?? 'pending'}  (run ${run})`]
  if (outcome !== null) {
    const { usage, attempts, rounds: answers, cost_usd: cost, custom_id: id } = outcome
    const tokens = `${count(usage.input_tokens)} input and ${count(usage.output_tokens)} output tokens`
    const cached = usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    if (id !== null) lines.push(`custom_id ${id}`)
    lines.push(
      `${counted(attempts, 'attempt')}, ${counted(answers, 'answer')}, ${tokens}` +
        `${cached === 0 ? '' : ` (${count(cached)} more read from or written to the cache)`}, ${usd(cost)}`,
    )
    if (outcome.error !== null) lines.push(`${outcome.error.type}: ${shortened(outcome.error.message)}`)
  } else lines.push('Still waits for an answer.')
  for (const [at, told] of tellRounds(rounds).entries()) {
    lines.push('', ...roundText(told, rounds[at]?.digest.slice(0, SHOWN_DIGITS) ?? ''))
  }
  return `${visible(lines.join('\n'))}\n`
}

/** Of a digest: enough to tell whether two runs asked the same. */
const SHOWN_DIGITS = 12

function roundText({ round, why, turns, maxTokens, end }: ToldRound, digest: string): string[] {
  const { attempt, batchId } = round
  return [
    `── attempt ${attempt}${why === undefined ? '' : ` · ${why}`} · ${batchId ?? 'not sent yet'} · request ${digest}`,
    ...(maxTokens === undefined ? [] : [`max_tokens ${JSON.stringify(maxTokens)}`]),
    ...turns.flatMap(turnText),
    ...endText(end),
  ]
}

function endText(end: ToldEnd): string[] {
  switch (end.type) {
    case 'answer':
      return [...turnText(end.turn), `(${end.stopReason})`]
    case 'fault':
      return [end.words === '' ? end.title : `${end.title}: ${shortened(end.words)}`]
    case 'waits':
      return [end.words]
  }
}

/** Who speaks begins a line; what follows stands below it, indented. */
function turnText({ role, texts }: Turn): string[] {
  const lines = texts.map((text) => shortened(text).trimEnd()).join('\n')
  return [`${role}: ${lines.replace(/\n(?=.)/g, '\n  ')}`]
}

/** A terminal takes long over a cell of a megabyte, and nobody reads it there. */
const MAX_TEXT = 20_000

function shortened(text: string): string {
  if (text.length <= MAX_TEXT) return text
  return `${text.slice(0, MAX_TEXT)} … (${count(text.length - MAX_TEXT)} more characters; --json has them all)`
}
