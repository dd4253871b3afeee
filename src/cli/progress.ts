// What a person sees while a run goes on: a live view on a terminal, one plain line for each change elsewhere.

import type { Notice, RunView } from '../app.ts'
import type { Io } from './io.ts'
import { cut, renderLive } from './live-view.ts'
import { noticeText } from './notice-text.ts'
import { duration } from './print.ts'
import type { Flags } from './program.ts'
import { Screen } from './screen.ts'

export interface Progress {
  readonly notify: (notice: Notice) => void
  readonly onTick: (view: RunView) => void
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
  return io.isPlain ? plainProgress(io, flags) : liveProgress(io, flags, preparing)
}

/** For commands that work on no run: their notes and warnings, one line each. */
export function progressPrinter(io: Io, flags: Flags): (notice: Notice) => void {
  return flags.quiet === true ? () => undefined : plainProgress(io, flags).notify
}

function quietProgress(): Progress {
  let last: RunView | undefined
  const onTick = (view: RunView): void => {
    last = view
  }
  const nothing = (): void => undefined
  return { notify: nothing, onTick, say: nothing, stepAside: nothing, stop: () => last }
}

function plainProgress(io: Io, flags: Flags): Progress {
  let last: RunView | undefined
  return {
    notify: (notice) => io.err(stamped(io, notice, last)),
    onTick(view) {
      const polls = flags.verbose === true ? pollText(last, view, io.clock.now()) : undefined
      last = view
      if (polls !== undefined) io.err(`${timeOf(io)}  ${polls}\n`)
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
  const stopped = new AbortController()
  let last: RunView | undefined
  const draw = (): void => {
    const now = io.clock.now()
    // One column stays free: a terminal may wrap a line that fills it.
    const columns = Math.max(20, io.columns - 1)
    const waited = `${preparing}: ${duration(now - since)}`
    const lines = last === undefined ? [cut(waited, columns)] : renderLive(last, columns, now, io.interrupted.aborted)
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
      if (!isInView || flags.verbose === true) screen.above(stamped(io, notice, last))
    },
    onTick: (view) => {
      last = view
    },
    say: (text) => screen.above(text),
    stepAside: () => screen.clear(),
    stop() {
      stopped.abort()
      screen.clear()
      return last
    },
  }
}

function stamped(io: Io, notice: Notice, view: RunView | undefined): string {
  return `${timeOf(io)}  ${noticeText(notice, view, io.clock.now())}\n`
}

function timeOf(io: Io): string {
  return new Date(io.clock.now()).toISOString().slice(11, 19)
}

/** What `--verbose` says of a look at the provider that brought no news. */
function pollText(before: RunView | undefined, { nextPollAt, states }: RunView, now: number): string | undefined {
  if (nextPollAt === undefined || nextPollAt === before?.nextPollAt || nextPollAt - now < 1000) return undefined
  const out = states.filter(({ phase }) => phase === 'submitted').length
  return `${out} at the provider; it is asked again in ${duration(nextPollAt - now)}.`
}
