// The figures that the documentation shows, by stage: one stage can be measured again without the others.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('../results.json', import.meta.url))

/** `{ [stage]: { about, figures } }` */
export function keptResults() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
}

export function keepResults(stage, result) {
  writeFileSync(FILE, `${JSON.stringify({ ...keptResults(), [stage]: result }, null, 2)}\n`)
}
