/**
 * The loop: schedule, perform, store, again. Takes a planned run to the end, or to where this process has to stop.
 * Commands for different batches run side by side; a batch never has two.
 */
import pLimit from 'p-limit'
import { dollars } from '../core/phrase.ts'
import type { BatchState } from '../core/run.ts'
import { runsTools } from '../core/runs-tools.ts'
import { abandon, cancelBatch } from './cancel.ts'
import { collect, type Gaps } from './collect.ts'
import { Desk, type Stop } from './desk.ts'
import { lookUp } from './look-up.ts'
import { Poller, poll } from './poll.ts'
import type { LiveContext } from './ports.ts'
import { questionOf } from './question.ts'
import { reopen } from './reopen.ts'
import { type Command, type Policy, schedule } from './schedule.ts'
import { submit } from './submit.ts'
import { costOf } from './summary.ts'
import type { ToolRunner } from './tools.ts'

/** Uploads at once, and downloads: more would only share the same line, and each holds buffers. */
const TRANSFERS = 4
/** Rows that are sent at once, and whose results are landed at once: for each of these there is some memory. */
const MOST_SENDING = 100_000
const MOST_LANDING = 50_000
const POLL = -1
/** Share of the budget from which on a person is told. */
const NEARLY_SPENT = 0.8

export interface RunOptions {
  readonly detach: boolean
  /** USD that may be spent; null: no budget. */
  readonly maxUsd: number | null
  /** What a batch's next trip may cost at most, USD; 0 where unknown. */
  readonly reserveUsd: (state: BatchState) => number
  readonly runTools: ToolRunner
  /** Called when a batch's results are about to be landed. */
  readonly onCollecting: () => void
  /** Called when a batch is done, before anything else about it: delivers its part to the sinks that take parts. */
  readonly onDone: (state: BatchState) => Promise<void>
  /** Called when the results of an adopted batch have shown that it is ours: only then another one is known to be surplus. */
  readonly onConfirmed: (state: BatchState) => Promise<void>
  /** Whether a person asked, from another process, that the run be cancelled. It costs the provider nothing. */
  readonly wantsCancel: () => Promise<boolean>
  /** How often that is looked for, milliseconds. */
  readonly wishEveryMs: number
  /** Aborts at a person's first Ctrl-C: finish what is in hand, start nothing. */
  readonly interrupted: AbortSignal
  /** Aborts when everything has to stop at once. */
  readonly signal: AbortSignal
}

export interface RunEnd {
  readonly states: readonly BatchState[]
  readonly stop: Stop | undefined
  readonly interrupted: boolean
}

export async function runToEnd(context: LiveContext, options: RunOptions): Promise<RunEnd> {
  const desk = await Desk.open(context)
  await reopen(context, desk)
  const loop = new Loop(context, desk, options)
  await loop.run()
  return { states: desk.states, stop: desk.stop, interrupted: options.interrupted.aborted }
}

/** How many batches: small ones side by side, and of large ones no more than the `least`. */
function atOnce({ batches }: LiveContext['header'], mostRows: number, least: number): number {
  const largest = batches.reduce((most, { requests }) => Math.max(most, requests), 1)
  return Math.max(least, Math.min(TRANSFERS, Math.floor(mostRows / largest)))
}

class Loop {
  readonly #context: LiveContext
  readonly #desk: Desk
  readonly #options: RunOptions
  readonly #poller: Poller
  readonly #startedAt: number
  readonly #submits: ReturnType<typeof pLimit>
  /** Apart from the uploads: where tools are run collecting waits for handlers, and must keep neither them nor other batches waiting. */
  readonly #collects: ReturnType<typeof pLimit>
  readonly #gaps: Gaps = new Map()
  #hasWarned = false
  #heardAt = 0
  /** Commands under way by batch, so that nobody leaves while something still writes. */
  readonly #running = new Map<number, Promise<void>>()
  #failure: { error: unknown } | undefined
  /** Wakes the loop when a command ends. */
  #wake: () => void = () => undefined

  constructor(context: LiveContext, desk: Desk, options: RunOptions) {
    this.#context = context
    this.#desk = desk
    this.#options = options
    this.#poller = new Poller(context.pace, context.random)
    this.#startedAt = context.clock.now()
    this.#submits = pLimit(atOnce(context.header, MOST_SENDING, 2))
    this.#collects = pLimit(atOnce(context.header, MOST_LANDING, runsTools(context.header.job) ? TRANSFERS : 1))
  }

  async run(): Promise<void> {
    const { clock } = this.#context
    try {
      while (this.#failure === undefined && !this.#options.interrupted.aborted && !this.#mustLeave()) {
        this.#options.signal.throwIfAborted()
        await this.#hearWish()
        const now = clock.now()
        const plan = schedule(this.#desk.states, now, this.#policy(), new Set(this.#running.keys()))
        for (const command of plan.due) this.#start(command)
        if (plan.halt !== undefined) {
          const { reason, message } = plan.halt
          this.#desk.halt({ exitCode: 4, reason, message })
        }
        this.#tell()
        if (plan.undecided.length > 0) this.#desk.ask(questionOf(this.#context.header.run, plan.undecided))
        if (plan.finished) break
        await this.#rest(plan.wakeAt === undefined ? undefined : plan.wakeAt - now)
      }
    } finally {
      // What is in hand is finished or torn down by its own signal; nothing may write after we have left.
      await Promise.allSettled(this.#running.values())
      this.#tell()
    }
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** After the gate or the budget what is out is still collected; after any other stop waiting would help nobody. */
  #mustLeave(): boolean {
    const reason = this.#desk.stop?.reason
    return reason !== undefined && reason !== 'gate' && reason !== 'budget'
  }

  /** For whoever watches. */
  #tell(): void {
    const { onTick, header } = this.#context
    if (onTick === undefined) return
    const { states } = this.#desk
    const { maxUsd, reserveUsd } = this.#options
    const out = states.filter(({ phase }) => phase === 'submitting' || phase === 'submitted')
    const isWaiting = !this.#running.has(POLL) && out.some(({ phase }) => phase === 'submitted')
    onTick({
      header,
      states: [...states],
      nextPollAt: isWaiting ? this.#poller.pollAt : undefined,
      maxUsd,
      outUsdMax: out.reduce((sum, state) => sum + reserveUsd(state), 0),
    })
  }

  #policy(): Policy {
    const { job } = this.#context.header
    return {
      maxInFlight: job.batch.maxInFlight,
      queueLimit: this.#desk.queueLimit,
      maxErrorRate: job.gate?.maxErrorRate ?? null,
      gateFrom: this.#startedAt,
      maxUsd: this.#options.maxUsd,
      reserveUsd: this.#options.reserveUsd,
      pollAt: this.#poller.pollAt,
      detach: this.#options.detach,
      halted: this.#desk.stop !== undefined,
    }
  }

  #start(command: Command): void {
    const index = command.type === 'poll' ? POLL : command.index
    const work = this.#perform(command)
      .catch((error: unknown) => {
        if (!this.#options.interrupted.aborted) this.#failure ??= { error }
      })
      .finally(() => {
        this.#running.delete(index)
        this.#wake()
      })
    this.#running.set(index, work)
  }

  async #perform(command: Command): Promise<void> {
    const context = this.#context
    const desk = this.#desk
    const { signal, runTools } = this.#options
    switch (command.type) {
      case 'poll':
        return poll(context, desk, this.#poller, signal)
      case 'submit':
        await this.#submits(() => submit(context, desk, command.index, signal))
        return this.#after(command.index)
      case 'look':
        return this.#look(command.index)
      case 'collect': {
        this.#options.onCollecting()
        const before = desk.state(command.index)
        await this.#collects(() => collect(context, desk, command.index, runTools, this.#gaps, signal))
        const after = desk.state(command.index)
        if (before.remote?.confirmed === false && after.trips.length > before.trips.length)
          await this.#options.onConfirmed(after)
        return this.#after(command.index)
      }
      case 'cancel':
        await cancelBatch(context, desk, command.index, signal)
        return this.#poller.hurry(context.clock.now())
      case 'abandon':
        await abandon(context, desk, command.index)
        return this.#after(command.index)
    }
  }

  async #hearWish(): Promise<void> {
    const now = this.#context.clock.now()
    if (now - this.#heardAt < this.#options.wishEveryMs) return
    this.#heardAt = now
    const isCancelled = this.#desk.states.some((state) => state.cancel !== 'no')
    if (isCancelled || !(await this.#options.wantsCancel())) return
    this.#context.notify({ type: 'note', text: 'Cancelling, as asked from another process.' })
    for (const state of this.#desk.states) {
      if (state.phase !== 'done') await this.#desk.commit(state.index, { type: 'cancel_requested' })
    }
  }

  async #after(index: number): Promise<void> {
    const state = this.#desk.state(index)
    this.#warnOfBudget()
    if (state.phase === 'done') await this.#options.onDone(state)
    else this.#poller.hurry(this.#context.clock.now())
  }

  #warnOfBudget(): void {
    const { maxUsd } = this.#options
    const spent = costOf(this.#desk.states)
    if (this.#hasWarned || maxUsd === null || spent === null || spent < maxUsd * NEARLY_SPENT) return
    this.#hasWarned = true
    const text = `${dollars(spent)} of the budget of ${maxUsd} USD are spent.`
    this.#context.notify({ type: 'warning', text })
  }

  async #look(index: number): Promise<void> {
    try {
      await lookUp(this.#context, this.#desk, index, this.#options.signal)
      this.#poller.hurry(this.#context.clock.now())
    } catch (error) {
      this.#options.signal.throwIfAborted()
      await this.#lookLater(index, error)
    }
  }

  async #lookLater(index: number, error: unknown): Promise<void> {
    const { clock } = this.#context
    const message = error instanceof Error ? error.message : String(error)
    this.#context.notify({ type: 'note', index, text: `Could not look for batch ${index} (${message}); trying again.` })
    if (this.#poller.failed(clock.now(), undefined)) {
      this.#desk.halt({ exitCode: 1, reason: 'unreachable', message: `The provider is out of reach (${message}).` })
    }
    await this.#desk.commit(index, { type: 'submission_unclear', at: clock.now(), lookAt: this.#poller.pollAt })
  }

  async #rest(ms: number | undefined): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    const signal = AbortSignal.any([woken.signal, this.#options.interrupted, this.#options.signal])
    const { wishEveryMs } = this.#options
    await this.#context.clock.sleep(Math.max(0, Math.min(ms ?? wishEveryMs, wishEveryMs)), signal)
  }
}
