/**
 * Rows of the fault matrix: small runs against the emulator over HTTP, one call of each goes wrong, and the process that
 * runs them is killed around that call. Then each is resumed. What is judged is what a user has at the end: every row
 * delivered once, nothing paid twice, the exit status of the command.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { callCli } from '../support/called.ts'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'
import { type Call, type Gate, type Moment, startGate } from '../support/gate.ts'
import type { Mortal } from '../support/mortal.ts'

/** How a call goes wrong, in the emulator's words. */
export const FAULTS: Readonly<Record<string, object>> = {
  'cut before': { cut: 'before' },
  'cut after': { cut: 'after' },
  'HTTP 429': { status: 429, retry_after: 1 },
  'HTTP 500': { status: 500 },
  'HTTP 529': { status: 529 },
  'HTTP 502 in HTML': { status: 502 },
  slow: { delay_ms: 300 },
  'truncated clean': { truncate: 120 },
  'truncated broken': { cut: 'after', truncate: 120 },
}

/** When the process ends, seen from the faulty call: never, before it is made, while it is answered, after its answer. */
export const KILLS = ['none', 'before', 'during', 'after'] as const
export type Kill = (typeof KILLS)[number]

export interface CellEnd {
  /** Its first process was, before the run had ended. */
  readonly wasKilled: boolean
  readonly exitCode: number | null
  readonly stderr: string
  readonly delivered: readonly string[]
  readonly paidMoreThanOnce: readonly string[]
}

const ROWS = 6
export const KEYS = Array.from({ length: ROWS }, (_, at) => `k${at}`)

const JOB = `
model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
prompt: "Say {{id}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
batch: { max_requests: 3 }
retry: { max_attempts: 3, truncated: { grow: 2, max_tokens: 4096 } }
`

/**
 * @param rules one fault list of the emulator for each cell
 * @param call the call around which the cells' common process is killed
 * @param mortal that process; it is not used where nothing is killed
 */
export async function runCells(
  rules: readonly (readonly object[])[],
  call: Call,
  kill: Kill,
  mortal: () => Mortal,
): Promise<CellEnd[]> {
  const stop = kill === 'none' ? undefined : { call, moment: kill }
  const cells = await Promise.all(rules.map((list) => openCell(list, stop)))
  try {
    const codes = stop === undefined ? [] : await livesThatEnd(cells, mortal())
    return await Promise.all(cells.map((cell, at) => endOf(cell, stop !== undefined && codes[at] === undefined)))
  } finally {
    await Promise.all(cells.map(closeCell))
  }
}

interface Cell {
  readonly project: Project
  readonly emulator: RunningEmulator
  readonly gate: Gate
  readonly env: Readonly<Record<string, string>>
}

async function openCell(rules: readonly object[], stop: { call: Call; moment: Moment } | undefined): Promise<Cell> {
  const project = await createProject()
  await project.write('rows.jsonl', KEYS.map((id) => `${JSON.stringify({ id })}\n`).join(''))
  await project.write('job.yaml', JOB)
  const emulator = await startEmulatorProcess(project, ['--answers', 'echo', '--seed', '1'])
  await emulator.faults(rules)
  const gate = await startGate(emulator.url, stop)
  return { project, emulator, gate, env: { ANTHROPIC_API_KEY: 'sk-matrix', ANTHROPIC_BASE_URL: gate.url } }
}

async function closeCell({ project, emulator, gate }: Cell): Promise<void> {
  await gate.close()
  await emulator.stop()
  await project.remove()
}

/**
 * All lives come to their moment, then their process is killed. A life that never makes the call ends by itself.
 * Answers for each its exit status, or undefined: it was killed.
 */
async function livesThatEnd(cells: readonly Cell[], mortal: Mortal): Promise<(number | undefined)[]> {
  const lives = cells.map(({ project, env }) => mortal.live(['run', 'job.yaml'], project.folder, env))
  await Promise.all(cells.map(({ gate }, at) => Promise.race([gate.reached, lives[at]])))
  for (const { gate } of cells) gate.release()
  // One turn, and the answers are on the wire: the process dies with them in hand.
  await nextTurn()
  await mortal.kill()
  return Promise.all(lives.map(async (life) => (await life).code))
}

/** The cell's last process: the one that resumes, or the only one. */
async function endOf({ project, emulator, env }: Cell, wasKilled: boolean): Promise<CellEnd> {
  const args = [wasKilled ? 'resume' : 'run', 'job.yaml']
  const { code, stderr } = await callCli(args, { cwd: project.folder, env }).result
  const stats = await emulator.stats()
  const delivered = (await project.lines<{ key: string }>('out.jsonl').catch(() => [])).map(({ key }) => key)
  return { wasKilled, exitCode: code, stderr, delivered, paidMoreThanOnce: stats.paid_more_than_once }
}
