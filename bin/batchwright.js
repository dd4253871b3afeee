#!/usr/bin/env node
// The committed launcher: `npx` links it at install time, so it must exist before the first build.
import { existsSync } from 'node:fs'
import module from 'node:module'

const built = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(built)) {
  process.stderr.write('batchwright is not built yet. In a checkout, run: npm run build\n')
  process.exit(1)
}
// From Node.js 22 on, what V8 made of the program is kept for the next start.
module.enableCompileCache?.()
await import(built.href)
