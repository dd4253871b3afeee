// Builds from scratch, so that a removed source leaves nothing stale behind: build/ holds the modules of src/ one by one,
// for tests and scripts; dist/ is what ships: the bundle, its types, and the licences of what it contains.
// The new folders are made beside the old ones and swapped in: a program that starts never sees half a build.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'
import { compileModules, copyTypes } from './modules.mjs'
import { notices } from './notices.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = `${root}build.${process.pid}`
const dist = `${root}dist.${process.pid}`
try {
  process.exitCode = compileModules(modules)
  if (process.exitCode === 0) {
    const metafiles = await bundle(modules, dist)
    copyTypes(modules, dist)
    writeFileSync(`${dist}/NOTICES.txt`, notices(metafiles))
    swapIn(modules, 'build')
    swapIn(dist, 'dist')
  }
} finally {
  for (const folder of [modules, dist]) rmSync(folder, { recursive: true, force: true })
}

function swapIn(fresh, name) {
  const old = `${root}${name}.old.${process.pid}`
  if (existsSync(`${root}${name}`)) renameSync(`${root}${name}`, old)
  renameSync(fresh, `${root}${name}`)
  rmSync(old, { recursive: true, force: true })
}
