// Programs that one writes without this package: bench/rivals/*.mjs.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clientOf, run } from './child.mjs'

const FOLDER = fileURLToPath(new URL('../rivals/', import.meta.url))

/** The AI SDK has a package.json of its own, so that nobody installs it but for this. */
export const hasAiSdk = existsSync(`${FOLDER}node_modules/ai`)

export function rival(name, args, url) {
  return run(process.execPath, [`${FOLDER}${name}.mjs`, ...args.map(String)], {
    env: url === undefined ? {} : clientOf(url),
  })
}

/** What one shell command takes, with curl and wc. */
export function shell(command) {
  return run('/bin/sh', ['-c', command])
}
