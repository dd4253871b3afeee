// The emulator's own endpoints: what it has seen, what shall go wrong, and the clock.

import { messageOf } from '../../core/errors.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import { invalidRequest } from '../api-error.ts'
import { type FaultList, parseFaults } from '../faults/fault-list.ts'
import type { Processor } from '../processing/processor.ts'
import { timestamp } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import type { CallCounts } from '../state/calls.ts'
import type { Clock } from '../state/clock.ts'
import type { History } from '../state/history.ts'
import { statsOf } from '../state/stats.ts'
import { readJson, readText } from './body.ts'
import type { Call, Reply, Route } from './call.ts'

const MAX_BODY = 4 * 1024 * 1024
/** After the clock was moved, what became due is waited for this long. */
const WAIT_MS = 2000

export interface EmulatorWorld {
  readonly store: BatchStore
  readonly history: History
  readonly processor: Processor
  readonly calls: CallCounts
  readonly faults: FaultList
  readonly clock: Clock
  /** Tells this emulator from another one on the same port. */
  readonly instance: string
  readonly parseYaml: ((text: string) => Json) | undefined
}

export function emulatorRoutes(world: EmulatorWorld): Route[] {
  return [
    { method: 'GET', path: '/_emulator', answer: async () => ({ body: { json: { instance: world.instance } } }) },
    { method: 'GET', path: '/_emulator/stats', answer: async () => ({ body: { json: await statsOf(world) } }) },
    { method: 'PUT', path: '/_emulator/faults', answer: (call) => putFaults(world, call) },
    { method: 'POST', path: '/_emulator/advance', answer: (call) => advance(world, call) },
  ]
}

async function putFaults({ faults, parseYaml }: EmulatorWorld, call: Call): Promise<Reply> {
  const text = await readText(call.incoming, MAX_BODY)
  try {
    await faults.replace(parseFaults(text, parseYaml))
  } catch (error) {
    throw invalidRequest(messageOf(error))
  }
  return { body: { json: { faults: faults.size } } }
}

async function advance({ clock, processor, store }: EmulatorWorld, call: Call): Promise<Reply> {
  const body = await readJson(call.incoming, MAX_BODY)
  const seconds = isJsonObject(body) ? body.seconds : undefined
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > 1e9) {
    throw invalidRequest('seconds: Input should be a number from 0 to 1000000000, as in {"seconds": 86400}')
  }
  await clock.advance(seconds * 1000)
  await processor.settled(WAIT_MS, () => [...store.open].some((batch) => processor.isDue(batch)))
  return { body: { json: { now: timestamp(clock.now()) } } }
}
