// Compiles src/core/text-bytes.wat into src/core/text-bytes-wasm.ts; with --check it only compares. Run it after a change.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const SOURCE = fileURLToPath(new URL('../src/core/text-bytes.wat', import.meta.url))
const TARGET = fileURLToPath(new URL('../src/core/text-bytes-wasm.ts', import.meta.url))
const LINE = 116

const { parseWat } = await wabt()
const module = parseWat(SOURCE, readFileSync(SOURCE, 'utf8'), { simd: true })
module.resolveNames()
module.validate()
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')).map((line) => `  '${line}'`)
const text = `// Made by scripts/wasm.mjs of text-bytes.wat.\n\nexport const TEXT_BYTES_WASM =\n${lines.join(' +\n')}\n`
if (!process.argv.includes('--check')) writeFileSync(TARGET, text)
else if (readFileSync(TARGET, 'utf8') !== text) {
  process.stderr.write(`${TARGET} is not what scripts/wasm.mjs makes.\n`)
  process.exitCode = 1
}
