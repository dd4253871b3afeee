// Starts child.mjs, and kills it when the test is over.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { EmulatorOptions } from '../../src/emulator/emulator.ts'

export interface Child {
  readonly url: string
  /** SIGKILL: no goodbye. Resolves when the process is gone. */
  kill(): Promise<void>
  peakMegabytes(): Promise<number>
}

export async function startChild(options: Partial<EmulatorOptions> & { readonly stateDir: string }): Promise<Child> {
  const all = {
    port: 0,
    host: '127.0.0.1',
    answers: 'extract',
    batchSeconds: 0,
    order: 'shuffled',
    seed: 1,
    ...options,
  }
  const script = fileURLToPath(new URL('child.mjs', import.meta.url))
  const child: ChildProcess = fork(script, [JSON.stringify(all)], { stdio: 'inherit', execArgv: [] })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  const [{ url }] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The emulator did not start. Is the package built?'))),
  ])) as [{ url: string }]
  return {
    url,
    kill,
    async peakMegabytes() {
      child.send('memory')
      const [{ peakMegabytes }] = (await once(child, 'message')) as [{ peakMegabytes: number }]
      return peakMegabytes
    },
  }
}
