#!/usr/bin/env node
// The committed launcher: `npx` links it at install time, so it must exist before the first build.
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(built)) {
  process.stderr.write('batchwright is not built yet. In a checkout, run: npm run build\n')
  process.exit(1)
}
await import(built.href)
