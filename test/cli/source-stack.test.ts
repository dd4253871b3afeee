import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sourceStack } from '../../src/cli/source-stack.ts'

const BUILT = join(import.meta.dirname, '../../dist/program.js')

describe('the stack of an error', () => {
  it('names the sources, not the bundle', () => {
    const line = readFileSync(BUILT, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('async function runProgram'))
    const error = new Error('odd')
    error.stack = `Error: odd\n    at runProgram (${pathToFileURL(BUILT).href}:${line + 1}:3)\n    at node:internal/main:1:1`
    expect(sourceStack(error)).toMatch(
      /^Error: odd\n {4}at runProgram \(src\/cli\/program\.ts:\d+:\d+\)\n {4}at node:internal\/main:1:1$/,
    )
  })

  it('stays as it is where there is no map', () => {
    const error = new Error('odd')
    error.stack = 'Error: odd\n    at other (file:///gone/other.js:1:2)'
    expect(sourceStack(error)).toBe(error.stack)
  })
})
