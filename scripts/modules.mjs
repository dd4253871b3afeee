// Compiles src/ module by module, with types: what tests and scripts load single modules from, and what the bundle is typed by.
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The exit status of tsc. It writes what it can even where types are wrong. */
export function compileModules(folder) {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
  })
  return compiled.status ?? 1
}

export function copyTypes(modules, folder) {
  cpSync(modules, folder, { recursive: true, filter: (path) => !/\.c?js$/.test(path) })
}
