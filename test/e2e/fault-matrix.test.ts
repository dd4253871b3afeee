import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CALLS, type Call } from '../support/gate.ts'
import { type Mortal, startMortal } from '../support/mortal.ts'
import { type CellEnd, FAULTS, KEYS, KILLS, type Kill, runCells } from './matrix.ts'

const DOC = join(import.meta.dirname, '../../docs/fault-matrix.md')

/** Cells that went right, for the table that is printed at the end and kept in the docs. */
const passed = new Set<string>()
const nameOf = (call: string, fault: string, kill: string): string => `${call} · ${fault} · ${kill}`

/** Faults of a single request: what its rows may come to, and the exit status. */
const REQUEST_FAULTS: readonly { name: string; rule: object; exitCode: number }[] = [
  { name: 'errored once', rule: { match: 'k1', attempts: 1, do: { error: 'overloaded_error' } }, exitCode: 0 },
  { name: 'errored always', rule: { match: 'k1', do: { error: 'api_error' } }, exitCode: 3 },
  { name: 'invalid request', rule: { match: 'k1', do: { error: 'invalid_request_error' } }, exitCode: 3 },
  { name: 'expired once', rule: { match: 'k1', attempts: 1, do: { expired: true } }, exitCode: 0 },
  { name: 'canceled', rule: { match: 'k1', do: { canceled: true } }, exitCode: 3 },
  { name: 'truncated once', rule: { match: 'k1', attempts: 1, do: { truncated: true } }, exitCode: 0 },
  { name: 'refusal', rule: { match: 'k1', do: { refusal: true } }, exitCode: 3 },
  { name: 'missing line', rule: { match: 'k1', do: { missing: true } }, exitCode: 3 },
]

/** Rows of cells that are worked on at once: much of their time is waiting. */
const AT_ONCE = 3

describe('the fault matrix', () => {
  /** The process of the next row that is killed: it loads the program while others are worked on. */
  let next = startMortal()
  const mortal = (): Mortal => {
    const taken = next
    next = startMortal()
    return taken
  }
  afterAll(() => next.kill())

  const rows: (() => Promise<CellEnd[]>)[] = []
  const begun: Promise<CellEnd[]>[] = []
  /** A row of cells is taken to its end once, for all tests that judge one of them. */
  const ahead = (rules: readonly (readonly object[])[], call: Call, kill: Kill): ((at: number) => Promise<CellEnd>) => {
    const row = rows.push(() => runCells(rules, call, kill, mortal)) - 1
    return async (at) => {
      while (begun.length < Math.min(rows.length, row + AT_ONCE)) {
        const started = rows[begun.length]?.() ?? Promise.resolve([])
        // Its error is for the test that asks for it.
        started.catch(() => undefined)
        begun.push(started)
      }
      return (await begun[row])?.[at] as CellEnd
    }
  }

  for (const call of CALLS) {
    for (const kill of KILLS) {
      const rules = Object.values(FAULTS).map((what) => [{ on: call, nth: [1], do: what }])
      const endOf = ahead(rules, call, kill)
      Object.keys(FAULTS).forEach((fault, at) => {
        it(`${nameOf(call, fault, kill)}: every row once, nothing paid twice`, async () => {
          judge(await endOf(at), kill, 0)
          passed.add(nameOf(call, fault, kill))
        })
      })
    }
  }

  const requestRules = REQUEST_FAULTS.map(({ rule }) => [{ on: 'request', ...rule }])
  const lives: readonly { call: Call; kill: Kill }[] = [
    { call: 'create', kill: 'none' },
    { call: 'results', kill: 'during' },
  ]
  for (const { call, kill } of lives) {
    const endOf = ahead(requestRules, call, kill)
    REQUEST_FAULTS.forEach(({ name, exitCode }, at) => {
      it(`a request with ${name} · ${call} · ${kill}: every row once, nothing paid twice`, async () => {
        judge(await endOf(at), kill, exitCode)
      })
    })
  }

  it('stands in the docs as it is', async () => {
    process.stdout.write(`\n${table()}\n`)
    expect(await readFile(DOC, 'utf8')).toContain(table())
  })
})

function judge(end: CellEnd, kill: Kill, exitCode: number): void {
  expect(end.wasKilled).toBe(kill !== 'none')
  expect(end.delivered, end.stderr).toEqual(KEYS)
  expect(end.paidMoreThanOnce).toEqual([])
  expect(end.exitCode, end.stderr).toBe(exitCode)
}

/** Markdown, as it stands in docs/fault-matrix.md. */
function table(): string {
  const faults = Object.keys(FAULTS)
  const head = `| call, life ends | ${faults.join(' | ')} |\n|---|${faults.map(() => '---|').join('')}`
  const rows = CALLS.flatMap((call) =>
    KILLS.map((kill) => {
      const cells = faults.map((fault) => (passed.has(nameOf(call, fault, kill)) ? '✓' : '✗'))
      return `| ${call}, ${kill} | ${cells.join(' | ')} |`
    }),
  )
  return [head, ...rows].join('\n')
}
