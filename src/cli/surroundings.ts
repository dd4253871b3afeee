import type { Notice, Surroundings } from '../app.ts'
import type { Io } from './io.ts'

export function surroundingsOf(io: Io, notify: (notice: Notice) => void): Surroundings {
  return {
    cwd: io.cwd,
    env: io.env,
    process: io.process,
    clock: io.clock,
    random: io.random,
    writeOut: (bytes) => io.out(bytes),
    notify,
    interrupted: io.interrupted,
    signal: io.signal,
  }
}
