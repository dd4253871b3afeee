// Where the states of a run lie while a process works on it: every event goes through here, and is stored before it counts.

import { invariant } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { type BatchState, checkpointKeys } from '../core/run.ts'
import { applyEvent, type BatchEvent, initialState } from './machine.ts'
import type { RunContext } from './ports.ts'

/** Why a process stops before the run is done. The run can be resumed unless it says otherwise. */
export interface Stop {
  /** 4: budget or gate; 5: a person has to decide; 1: anything else. */
  readonly exitCode: 1 | 4 | 5
  readonly reason: 'gate' | 'budget' | 'refused' | 'account' | 'unreachable' | 'damaged' | 'failed' | 'undecided'
  readonly message: string
}

export class Desk {
  readonly context: RunContext
  readonly #states: BatchState[]
  /** The last commit under way of each batch. */
  readonly #queues = new Map<number, Promise<unknown>>()
  /** The first stop wins: what follows it is usually its consequence. */
  stop: Stop | undefined
  /** Since when the provider has taken nothing; undefined: it took the last batch it was given. */
  refusingSince: number | undefined
  /** Requests that may wait at the provider at once, learnt from its refusals. */
  queueLimit: number | null = null

  private constructor(context: RunContext, states: BatchState[]) {
    this.context = context
    this.#states = states
  }

  /** Reads every state; a batch without one has not been touched. */
  static async open(context: RunContext): Promise<Desk> {
    return new Desk(context, await readStates(context))
  }

  get states(): readonly BatchState[] {
    return this.#states
  }

  state(index: number): BatchState {
    const state = this.#states[index]
    invariant(state !== undefined, `There is no batch ${index}.`)
    return state
  }

  /** Resolved = the event is on disk and the state has moved. Events of one batch go one after the other. */
  commit(index: number, event: BatchEvent): Promise<BatchState> {
    const before = this.#queues.get(index) ?? Promise.resolve()
    const done = before.then(() => this.#commit(index, event))
    this.#queues.set(
      index,
      done.catch(() => undefined),
    )
    return done
  }

  async #commit(index: number, event: BatchEvent): Promise<BatchState> {
    const next = applyEvent(this.state(index), event)
    const key = checkpointKeys.batch(this.context.header.run, index)
    await this.context.store.write(key, next as unknown as Json)
    this.#states[index] = next
    return next
  }

  halt(stop: Stop): void {
    this.stop ??= stop
  }

  /** What a person has to decide comes before a gate or a budget that they may lift. */
  ask(question: Stop): void {
    const { stop } = this
    if (stop === undefined) this.stop = question
    else if (stop.reason === 'gate' || stop.reason === 'budget')
      this.stop = { ...question, message: `${question.message}\n${stop.message}` }
  }
}

export async function readStates(context: Pick<RunContext, 'header' | 'store'>): Promise<BatchState[]> {
  const { header, store } = context
  const states: BatchState[] = []
  for (const batch of header.batches) {
    const stored = await store.read(checkpointKeys.batch(header.run, batch.index))
    states.push(stored === undefined ? initialState(batch) : (stored as unknown as BatchState))
  }
  return states
}
