// The package as others install it: what publint and "are the types wrong" say of it.

import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, Package, type Problem } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unpackPackage } from './support/packed.ts'

const REPO = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8'))

describe('the package', () => {
  let scratch: string
  let folder: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'batchwright-package-'))
    folder = unpackPackage(scratch)
  })
  afterAll(() => rm(scratch, { recursive: true, force: true }))

  it('is sound by the rules of publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('has types that every way of importing it finds', async () => {
    const { name, version } = manifest
    const files = Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !join(entry.parentPath ?? entry.path, entry.name).includes('node_modules'))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .map((path) => [`/node_modules/${name}${path.slice(folder.length)}`, new Uint8Array(readFileSync(path))]),
    )
    const result = await checkPackage(new Package(files, name, version))
    expect(result.types).toMatchObject({ kind: 'included' })
    const problems = 'problems' in result ? result.problems : []
    // CommonJS may load it by import() only, and Node.js 10 is none that we promise.
    expect(problems.filter((problem) => !isElsewhere(problem))).toEqual([])
  })

  it('names the licence of every package in the bundle', () => {
    const notices = readFileSync(join(folder, 'dist/NOTICES.txt'), 'utf8')
    for (const name of ['ajv', 'commander', 'handlebars', 'keyv', 'yaml'])
      expect(notices).toContain(`\n${name} ${manifest.dependencies[name]} (`)
  })
})

function isElsewhere(problem: Problem): boolean {
  if (!('resolutionKind' in problem)) return false
  const { kind, resolutionKind } = problem
  return resolutionKind === 'node10' || (kind === 'CJSResolvesToESM' && resolutionKind === 'node16-cjs')
}
