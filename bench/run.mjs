// Every bench, one after the other, on the built program: npm run build && npm run bench [name …]
// Each prints its own figures; ratios against a baseline of the same run say more than times on a busy machine.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BENCHES = {
  startup: 'how long the command line takes to start',
  'plan-memory': 'peak memory of planning, by the number of rows',
  upload: 'a full batch from the plan, beside curl',
  sinks: 'rows a second of each sink, beside the format’s own tool',
  'emulator-memory': 'the emulator with 256 MB batches, one and ten at once',
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES)
for (const name of wanted) {
  if (BENCHES[name] === undefined) {
    process.stderr.write(`There is no bench "${name}". There are: ${Object.keys(BENCHES).join(', ')}\n`)
    process.exit(2)
  }
}
let failed = 0
for (const name of wanted) {
  process.stdout.write(`\n── ${name}: ${BENCHES[name]}\n`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], {
    stdio: 'inherit',
  })
  if (status !== 0) failed += 1
}
process.exitCode = failed === 0 ? 0 : 1
