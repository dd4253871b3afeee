// A second process on one store, from the built package: `hold` takes the run's lock and keeps it; `write` writes
// numbers and prints each one once it is acknowledged.

import { hostname } from 'node:os'
import { openCheckpointStore } from '../../build/checkpoint/keyv.js'

const [mode, url, root, run] = process.argv.slice(2)
const store = await openCheckpointStore(url, {
  root,
  processInfo: { pid: process.pid, hostname: hostname() },
  now: Date.now,
})
try {
  await store.lock(run)
} catch (error) {
  console.log(`refused: ${error.message}`)
  process.exit(0)
}
if (mode === 'hold') {
  console.log('locked')
  setInterval(() => undefined, 1000)
} else {
  for (let number = 1; ; number++) {
    await store.write(`runs/${run}/batch/${number}`, { number })
    await store.write(`runs/${run}/count`, number)
    process.stdout.write(`${number}\n`)
  }
}
