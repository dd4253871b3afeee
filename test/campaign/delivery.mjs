// The campaign over delivery: SIGKILL at random moments while every sink at once is served. The test suite does ten of these.
// node test/campaign/delivery.mjs [--kills 50] [--seed 1]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
process.stdout.write(`delivery: ${values.kills} kills, seed ${values.seed}\n`)
const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/e2e/delivery-kill.test.ts'], {
  cwd: root,
  env: { ...process.env, BATCHWRIGHT_DELIVERY_KILLS: values.kills, BATCHWRIGHT_SEED: values.seed },
  stdio: 'inherit',
})
process.exit(status ?? 1)
