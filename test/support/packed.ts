// The package as npm would publish it, unpacked into a folder, with the dependencies of this repository.

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const REPO = join(import.meta.dirname, '../..')

/** Answers with the package's folder. What the list of files in package.json leaves out is not there. */
export function unpackPackage(folder: string): string {
  mkdirSync(folder, { recursive: true })
  // What is packed was built before the tests.
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const name = execFileSync('npm', pack, { cwd: REPO, encoding: 'utf8' }).trim()
  execFileSync('tar', ['-xzf', name], { cwd: folder })
  symlinkSync(join(REPO, 'node_modules'), join(folder, 'package/node_modules'))
  return join(folder, 'package')
}
