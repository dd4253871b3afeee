// What a person sees while a run goes on: a live view on a terminal, one plain line for each change elsewhere.

import type { Notice, RunView } from '../app.ts'
import type { Io } from './io.ts'
import { cut, renderLive } from './live-view.ts'
import { createTeller } from './notice-text.ts'
import { counted, duration, wrapped } from './print.ts'
import type { Flags } from './program.ts'
import { Screen } from './screen.ts'

export interface Progress {
  readonly notify: (notice: Notice) => void
  readonly onTick: (view: RunView) => void
  /** How many rows of the dataset have been read so far. */
  readonly onPlanned: (rows: number) => void
  /** A text that stays, as it is; it ends with a newline. */
  readonly say: (text: string) => void
  /** Gets the terminal out of the way of somebody else's output. */
  readonly stepAside: () => void
  /** The view is taken away; the answer is how the run stood last. */
  readonly stop: () => RunView | undefined
}

/** @param preparing what is done before the run is known, as `Planning` */
export async function withProgress<T>(
  io: Io,
  flags: Flags,
  preparing: string,
  use: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = startProgress(io, flags, preparing)
  try {
    return await use(progress)
  } finally {
    progress.stop()
  }
}

function startProgress(io: Io, flags: Flags, preparing: string): Progress {
  if (flags.quiet === true) return quietProgress()
  return io.isPlain ? plainProgress(io, flags, preparing) : liveProgress(io, flags, preparing)
}

/** For commands that work on no run: their notes and warnings, one line each. */
export function progressPrinter(io: Io, flags: Flags): (notice: Notice) => void {
  return flags.quiet === true ? () => undefined : plainProgress(io, flags, '').notify
}

function quietProgress(): Progress {
  let last: RunView | undefined
  const onTick = (view: RunView): void => {
    last = view
  }
  const nothing = (): void => undefined
  return { notify: nothing, onTick, onPlanned: nothing, say: nothing, stepAside: nothing, stop: () => last }
}

/** A plan that takes long says so this often. */
const PLANNING_MS = 10_000
/** Rows between two looks at the clock. */
const PLANNING_ROWS = 64

function plainProgress(io: Io, flags: Flags, preparing: string): Progress {
  let last: RunView | undefined
  let saidAt = io.clock.now()
  const tell = createTeller(flags.verbose === true)
  return {
    notify: (notice) => io.err(stamped(io, tell(notice, last, io.clock.now()))),
    onTick(view) {
      const polls = flags.verbose === true ? pollText(last, view, io.clock.now()) : undefined
      last = view
      io.err(stamped(io, polls))
    },
    onPlanned(rows) {
      if (rows % PLANNING_ROWS !== 0 || io.clock.now() - saidAt < PLANNING_MS) return
      saidAt = io.clock.now()
      io.err(stamped(io, `${preparing}: ${counted(rows, 'row')} so far.`))
    },
    say: (text) => io.err(text),
    stepAside: () => undefined,
    stop: () => last,
  }
}

/** The ages move on this often; nothing is written where nothing has changed. */
const TICK_MS = 250

function liveProgress(io: Io, flags: Flags, preparing: string): Progress {
  const since = io.clock.now()
  const screen = new Screen(
    (text) => io.err(text),
    () => ({ columns: io.columns, rows: io.rows }),
  )
  const say = (text: string): void => screen.above(wrapped(text, io.columns))
  const stopped = new AbortController()
  const tell = createTeller(true)
  let last: RunView | undefined
  let planned = 0
  const draw = (): void => {
    const now = io.clock.now()
    // One column stays free: a terminal may wrap a line that fills it.
    const columns = Math.max(20, io.columns - 1)
    const rows = planned === 0 ? '' : `, ${counted(planned, 'row')} so far`
    const waited = `${preparing}: ${duration(now - since)}${rows}`
    const lines =
      last === undefined
        ? [cut(waited, columns)]
        : renderLive(last, { columns, rows: io.rows }, now, io.interrupted.aborted)
    if (last !== undefined || now - since > 1000) screen.draw(lines)
  }
  const ticking = (async () => {
    while (!stopped.signal.aborted) {
      draw()
      await io.clock.sleep(TICK_MS, stopped.signal)
    }
  })()
  // The loop only draws; should the terminal be gone, the run goes on without it.
  ticking.catch(() => undefined)
  return {
    notify(notice) {
      const isInView = notice.type !== 'note' && notice.type !== 'warning'
      if (!isInView || flags.verbose === true) say(stamped(io, tell(notice, last, io.clock.now())))
    },
    onTick: (view) => {
      last = view
    },
    onPlanned: (rows) => {
      planned = rows
    },
    say,
    stepAside: () => screen.clear(),
    stop() {
      stopped.abort()
      screen.clear()
      return last
    },
  }
}

/** A line of a log; nothing for nothing. */
function stamped(io: Io, words: string | undefined): string {
  return words === undefined ? '' : `${new Date(io.clock.now()).toISOString().slice(11, 19)}  ${words}\n`
}

/** What `--verbose` says of a look at the provider that brought no news. */
function pollText(before: RunView | undefined, { nextPollAt, states }: RunView, now: number): string | undefined {
  if (nextPollAt === undefined || nextPollAt === before?.nextPollAt || nextPollAt - now < 1000) return undefined
  const out = states.filter(({ phase }) => phase === 'submitted').length
  return `${out} at the provider; it is asked again in ${duration(nextPollAt - now)}.`
}
