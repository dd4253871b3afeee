// The completions as a shell sees them: the script is sourced and asked.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/batchwright.js')
const folder = mkdtempSync(join(tmpdir(), 'batchwright-completions-'))

function script(shell: string): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'completions', shell], { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

describe('the completions for bash', () => {
  let text = ''
  beforeAll(() => {
    text = script('bash').stdout
    mkdirSync(join(folder, '.batchwright/runs/reviews-20261122-071500-x7k2'), { recursive: true })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const cases: readonly (readonly [typed: string, offered: readonly string[]])[] = [
    ['va', ['validate']],
    ['batches ', ['list', 'get', 'results', 'cancel', 'delete']],
    ['validate --form', ['--format']],
    ['validate --format ', ['pretty', 'json', 'github']],
    ['batches list --li', ['--limit']],
    ['emulator --order s', ['shuffled']],
    ['resume ', ['reviews-20261122-071500-x7k2']],
    ['completions ', ['bash', 'zsh', 'fish']],
    ['run job.yaml --det', ['--detach']],
  ]
  for (const [typed, offered] of cases) {
    it(`offers ${offered.join(' ')} behind "${typed}"`, () => expect(complete(text, typed)).toEqual(offered))
  }

  it('offers every command at the beginning', () => {
    const help = spawnSync(process.execPath, [BIN, '--help'], { encoding: 'utf8' }).stdout
    for (const command of complete(text, '')) expect(help).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(complete(text, '').length).toBeGreaterThan(15)
  })
})

describe('completions', () => {
  it('are made for zsh and fish, too', () => {
    expect(script('zsh').stdout).toContain('compdef _batchwright batchwright')
    expect(script('fish').stdout).toContain("-l format -xa 'pretty json github'")
  })

  it('name the shells there are', () => {
    const { code, stderr } = script('fisch')
    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean "fish"?')
  })
})

/** What bash offers for `batchwright` and these words; the last one is being typed. */
function complete(text: string, typed: string): string[] {
  const words = ['batchwright', ...typed.split(' ')]
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _batchwright; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', `${text}\n${ask}`], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0 || stderr !== '') throw new Error(`bash ended with ${status}: ${stderr}`)
  return stdout.split('\n').filter((line) => line !== '')
}
