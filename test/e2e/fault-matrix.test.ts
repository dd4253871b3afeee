import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CALLS, type Call, FAULTS, KEYS, KILLS, type Kill, runCell } from './matrix.ts'

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

describe('the fault matrix', () => {
  for (const call of CALLS) {
    for (const fault of Object.keys(FAULTS)) {
      for (const kill of KILLS) {
        it(`${nameOf(call, fault, kill)}: every row once, nothing paid twice`, async () => {
          await judge(call, [{ on: call, nth: [1], do: FAULTS[fault] }], kill, 0)
          passed.add(nameOf(call, fault, kill))
        })
      }
    }
  }

  for (const { name, rule, exitCode } of REQUEST_FAULTS) {
    it(`a request with ${name}: every row once, nothing paid twice`, async () => {
      await judge('create', [{ on: 'request', ...rule }], 'none', exitCode)
      await judge('results', [{ on: 'request', ...rule }], 'during', exitCode)
    })
  }

  it('stands in the docs as it is', async () => {
    process.stdout.write(`\n${table()}\n`)
    expect(await readFile(DOC, 'utf8')).toContain(table())
  })
})

async function judge(call: Call, rules: readonly object[], kill: Kill, exitCode: number): Promise<void> {
  const end = await runCell(rules, call, kill)
  expect(end.delivered).toEqual(KEYS)
  expect(end.paidMoreThanOnce).toEqual([])
  expect(end.exitCode).toBe(exitCode)
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
