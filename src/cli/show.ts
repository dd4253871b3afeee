// `show RUN KEY`: one row from its first request to its last answer, from what is stored; the provider is not asked.

import { type ShownRound, type ShownRow, showRow } from '../app.ts'
import type { Json, JsonArray } from '../core/json.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { count, counted, harmless, usd } from './print.ts'
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
    rounds: rounds.map(({ attempt, kind, batchId, request, result, withdrawn }) => {
      return { attempt, kind, batch_id: batchId, request, result, withdrawn }
    }),
  }
}

function textOf(run: string, { key, outcome, rounds }: ShownRow): string {
  const lines = [`${key}  ${outcome?.status ?? 'pending'}  (run ${run})`]
  if (outcome !== null) {
    const { usage, attempts, rounds: answers, cost_usd: cost, custom_id: id } = outcome
    const tokens = `${count(usage.input_tokens)} input and ${count(usage.output_tokens)} output tokens`
    const cached = usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    if (id !== null) lines.push(`custom_id ${id}`)
    lines.push(
      `${counted(attempts, 'attempt')}, ${counted(answers, 'answer')}, ${tokens}` +
        `${cached === 0 ? '' : ` (${count(cached)} more read from or written to the cache)`}, ${usd(cost)}`,
    )
    if (outcome.error !== null) lines.push(`${outcome.error.type}: ${outcome.error.message}`)
  } else lines.push('Still waits for an answer.')
  let shown = 0
  for (const round of rounds) {
    lines.push('', ...roundText(round, shown))
    shown = messagesOf(round.request).length + 1
  }
  return `${harmless(lines.join('\n'))}\n`
}

const WHY: Readonly<Record<NonNullable<ShownRound['kind']>, string>> = {
  again: 'the same request again',
  deferred: 'left over from an attempt that was too large',
  more_room: 'the answer was cut off; more room for it',
  repair: 'the answer broke the schema',
  tools: 'with the results of the tools',
  continue: 'the provider paused; going on',
  retry: 'asked again by a person',
}
/** These send a conversation that was shown, and the turns behind it. */
const GROWS = new Set<ShownRound['kind']>(['tools', 'repair', 'continue'])

/** @param shown messages of the conversation that stand above, the last answer included */
function roundText(round: ShownRound, shown: number): string[] {
  const { attempt, kind, batchId, request, said, withdrawn } = round
  const why = kind === null ? '' : ` · ${WHY[kind]}`
  const lines = [`── attempt ${attempt}${why} · ${batchId ?? 'not sent yet'}`]
  const messages = messagesOf(request)
  const isShown = kind === 'again' || kind === 'deferred' || kind === 'more_room'
  if (kind === null || kind === 'retry') lines.push(...turnText('system', request.system))
  if (kind === 'more_room') lines.push(`max_tokens ${request.max_tokens}`)
  if (messages.length === 0 && !isShown) lines.push(JSON.stringify(request, null, 2))
  const from = isShown ? messages.length : GROWS.has(kind) ? Math.min(shown, messages.length - 1) : 0
  for (const message of messages.slice(from)) lines.push(...turnText(String(message.role), message.content))
  if (withdrawn !== null) lines.push(`Not sent: ${withdrawn}`)
  else if (said === null) lines.push(batchId === null ? 'Waits to be sent.' : 'No answer is in.')
  else lines.push(...saidText(said))
  return lines
}

function saidText(said: NonNullable<ShownRound['said']>): string[] {
  if (said.type === 'errored') return [`errored: ${said.code}: ${said.message}`]
  if (said.type !== 'succeeded') return [said.type]
  const { content, stopReason } = said.answer
  return [...turnText('assistant', content), `(${stopReason})`]
}

function messagesOf(request: JsonObject): readonly JsonObject[] {
  const { messages } = request
  return Array.isArray(messages) ? (messages as JsonArray).filter((item): item is JsonObject => isJsonObject(item)) : []
}

function turnText(role: string, content: Json | undefined): string[] {
  if (content === undefined || content === null) return []
  const blocks = Array.isArray(content) ? (content as JsonArray) : [content]
  return blocks.map((block) => `${role}: ${blockText(block)}`)
}

function blockText(block: Json): string {
  if (typeof block === 'string') return block
  if (!isJsonObject(block)) return JSON.stringify(block)
  switch (block.type) {
    case 'text':
      return String(block.text)
    case 'thinking':
      return `(thinks) ${block.thinking}`
    case 'tool_use':
      return `calls ${block.name} ${JSON.stringify(block.input)}`
    case 'document':
    case 'image':
      return `(${[block.type, block.title, sourceText(block.source)].filter((word) => word !== undefined && word !== null).join(', ')})`
    case 'tool_result': {
      const words = Array.isArray(block.content)
        ? (block.content as JsonArray).map(blockText).join('\n')
        : String(block.content ?? '')
      return `${block.is_error === true ? 'tool failed' : 'tool gave'}: ${words}`
    }
    default:
      return JSON.stringify(block)
  }
}

/** Which bytes, where from; a text of the job's own stands as it is. */
function sourceText(source: Json | undefined): string {
  if (!isJsonObject(source)) return JSON.stringify(source ?? null)
  const { data, url, file_id: file } = source
  if (isJsonObject(data)) return String(data.elided)
  return String(url ?? file ?? data ?? JSON.stringify(source))
}
