import type { Notice, Surroundings } from '../app.ts'
import type { Io } from './io.ts'
import type { Progress } from './progress.ts'

/** @param watching how a run is shown, or for commands that work on none, what is done with their notes */
export function surroundingsOf(io: Io, watching: Progress | ((notice: Notice) => void)): Surroundings {
  const progress = typeof watching === 'function' ? undefined : watching
  return {
    cwd: io.cwd,
    env: io.env,
    process: io.process,
    clock: io.clock,
    random: io.random,
    writeOut(bytes) {
      progress?.stepAside()
      return io.out(bytes)
    },
    notify: typeof watching === 'function' ? watching : watching.notify,
    ...(progress === undefined ? {} : { onTick: progress.onTick, onPlanned: progress.onPlanned }),
    interrupted: io.interrupted,
    signal: io.signal,
  }
}
