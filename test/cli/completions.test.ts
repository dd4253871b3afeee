// The completions as a shell sees them: the script is sourced and asked.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callCli } from '../support/called.ts'

const folder = mkdtempSync(join(tmpdir(), 'batchwright-completions-'))
const RUN = 'reviews-20261122-071500-x7k2'
beforeAll(() => mkdirSync(join(folder, '.batchwright/runs', RUN), { recursive: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is offered behind some words; every shell offers the same, besides files. */
const CASES: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ['va', ['validate']],
  ['batches ', ['list', 'get', 'results', 'cancel', 'delete']],
  ['validate --form', ['--format']],
  ['validate --format ', ['pretty', 'json', 'github']],
  ['batches list --li', ['--limit']],
  ['batches list --limit ', []],
  ['batches cancel ', []],
  ['emulator --order s', ['shuffled']],
  ['resume rev', [RUN]],
  ['completions ', ['bash', 'zsh', 'fish']],
  ['run job.yaml --det', ['--detach']],
]

const SHELLS: Readonly<Record<string, (script: string, typed: string) => string[]>> = { bash, zsh, fish }
for (const [shell, complete] of Object.entries(SHELLS)) {
  const isInstalled = spawnSync(shell, ['-c', 'exit 0']).status === 0
  if (!isInstalled) console.info(`${shell} is not installed, so its completions are not tried.`)
  describe.skipIf(!isInstalled)(`the completions for ${shell}`, () => {
    let script = ''
    beforeAll(async () => {
      script = (await called('completions', shell)).stdout
    })

    it('offer what fits', () => {
      for (const [typed, offered] of CASES) expect(complete(script, typed).sort(), typed).toEqual([...offered].sort())
    })

    it('offer every command at the beginning, and no other', async () => {
      const help = (await called('--help')).stdout
      const named = [...help.matchAll(/^ {2}([a-z]+) .*$/gm)].map((match) => match[1] ?? '')
      expect(complete(script, '').sort()).toEqual(named.filter((name) => name !== 'help').sort())
    })
  })
}

it('completions name the shells there are', async () => {
  const { code, stderr } = await called('completions', 'fisch')
  expect(code).toBe(2)
  expect(stderr).toContain('Did you mean "fish"?')
})

function called(...args: string[]) {
  return callCli(args, { cwd: folder, env: {} }).result
}

function bash(script: string, typed: string): string[] {
  const words = ['batchwright', ...typed.split(' ')]
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _batchwright; printf '%s\\n' "\${COMPREPLY[@]}"`
  return lines('bash', ['--norc', '-c', `${script}\n${ask}`])
}

/** What would be handed to zsh's own completion is printed instead, and cut to what fits the last word as it does. */
function zsh(script: string, typed: string): string[] {
  const words = ['batchwright', ...typed.split(' ')]
  const last = words.at(-1) ?? ''
  const stubs = `compdef() { :; }; _files() { :; }
compadd() { [[ $1 == -- ]] && shift; print -rl -- "$@"; }
_describe() { print -rl -- \${\${(P)2}%%:*}; }`
  const ask = `words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; PREFIX='${last}'; _batchwright`
  return lines('zsh', ['-f', '-c', `${stubs}\n${script}\n${ask}`]).filter((word) => word.startsWith(last))
}

function fish(script: string, typed: string): string[] {
  const found = lines('fish', ['--no-config', '-c', `${script}\ncomplete -C 'batchwright ${typed}'`])
  return found.map((line) => line.split('\t')[0] ?? '').filter((word) => !word.endsWith('/'))
}

function lines(shell: string, args: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(shell, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0 || stderr !== '') throw new Error(`${shell} ended with ${status}: ${stderr}`)
  return stdout.split('\n').filter((line) => line !== '')
}
