// Under which keys the results of a run's tools are stored: derived from the calls, never listed.

import { runFiles } from '../core/names.ts'
import type { ToolCall } from '../core/result.ts'
import { type BatchState, checkpointKeys } from '../core/run.ts'
import type { RunContext } from './ports.ts'
import { readRequests } from './request-file.ts'
import { parseResultLine } from './result-line.ts'
import { Trail } from './trail.ts'

/** The keys of a turn's calls, in their order. Where a provider gives one id twice, the calls still differ. */
export function toolResultKeys(
  run: string,
  turn: { readonly index: number; readonly attempt: number; readonly ordinal: number },
  calls: readonly ToolCall[],
): string[] {
  return calls.map(({ id }, at) => {
    const before = calls.slice(0, at).filter((other) => other.id === id).length
    const name = before === 0 ? id : `${id}#${before + 1}`
    return checkpointKeys.toolResult(run, turn.index, turn.attempt, turn.ordinal, name)
  })
}

/** Every key that may hold a tool's result, for whoever removes a run. Reads the landed results; missing ones are passed over. */
export async function* storedToolKeys(context: RunContext, states: readonly BatchState[]): AsyncGenerator<string> {
  const { artifacts, header, provider } = context
  for (const { index, trips } of states) {
    for (const trip of trips) {
      const { attempt } = trip
      if ((await artifacts.size(header.run, runFiles.results(index, attempt))) === undefined) continue
      const trail = await Trail.open(context, index, trip, 1, false)
      try {
        for await (const line of readRequests(artifacts, header.run, index, attempt)) {
          const step = await trail.at(line)
          if (step?.raw === undefined) continue
          const { result } = provider.decode(parseResultLine(step.raw))
          if (result.type !== 'succeeded') continue
          const { ordinal } = line
          yield* toolResultKeys(header.run, { index, attempt, ordinal }, result.answer.toolCalls)
        }
      } finally {
        await trail.close()
      }
    }
  }
}
