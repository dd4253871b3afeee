// `emulator`: serves the local Message Batches API until it is interrupted.

import { resolve } from 'node:path'
import { parseYamlText, startEmulator } from '../app.ts'
import type { Io } from './io.ts'
import type { Flags } from './program.ts'

export async function emulator(io: Io, _args: string[], flags: Flags): Promise<number> {
  const server = await startEmulator({
    port: flags.port as number,
    host: flags.host as string,
    stateDir: resolve(io.cwd, flags.state as string),
    answers: flags.answers as string,
    batchSeconds: flags.batchSeconds as number,
    order: flags.order as 'shuffled' | 'input',
    ...(typeof flags.faults === 'string' ? { faultsFile: resolve(io.cwd, flags.faults) } : {}),
    seed: flags.seed as number,
    parseYaml: parseYamlText,
    failed: (error) => io.err(`emulator: ${error instanceof Error ? error.message : String(error)}\n`),
  })
  await io.out(`listening on ${server.url}\n`)
  await new Promise<void>((stop) => {
    if (io.interrupted.aborted) return stop()
    io.interrupted.addEventListener('abort', () => stop(), { once: true })
  })
  await server.close()
  return 0
}
