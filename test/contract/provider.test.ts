import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulator } from '../../src/emulator/start.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'
import { describeProvider } from './provider-contract.ts'

describeProvider({
  provider: anthropic,
  model: 'claude-haiku-5-5',
  async start() {
    const stateDir = mkdtempSync(join(tmpdir(), 'bw-provider-'))
    const emulator = await startEmulator({
      port: 0,
      host: '127.0.0.1',
      stateDir,
      answers: 'echo',
      batchSeconds: 0.2,
      order: 'shuffled',
      seed: 1,
    })
    return {
      url: emulator.url,
      apiKey: 'sk-test',
      badKey: 'sk-bad',
      async failNextCreate(how) {
        const fault = typeof how === 'number' ? { status: how } : { cut: how === 'cut after' ? 'after' : 'before' }
        const rule = { on: 'create', nth: [1], do: fault }
        const response = await fetch(`${emulator.url}/_emulator/faults`, {
          method: 'PUT',
          body: JSON.stringify([rule]),
        })
        if (!response.ok) throw new Error(await response.text())
      },
      async close() {
        await emulator.close()
        rmSync(stateDir, { recursive: true, force: true })
      },
    }
  },
})
