// What the browser is shown: two runs of a real project, and the local page over them.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { HOSTILE as ANYTHING } from '../report/run.ts'
import { callCli } from '../support/called.ts'
import { type Project, startEmulatorProcess } from '../support/cli.ts'

const PDF = join(import.meta.dirname, '../../jobs/data/annual-report.pdf')
/** No provider takes half a character. */
export const HOSTILE = ANYTHING.replace('\ud800', '')
/** A file's name holds no slash and no NUL; everything else may stand in it. */
const HOSTILE_FILE = `<img src=x onerror=alert(1)> \u001b[31m\u202egnp.exe.pdf`
/**
 * Two runs: `ferries` with failures on three pages, and `hostile` with whatever may stand in a row, a megabyte included.
 * Answers what the commands said.
 */
export async function makeRuns(project: Project, jobs = ['ferries.yaml', 'hostile.yaml']): Promise<string> {
  const rows = (list: readonly object[]): string => list.map((row) => JSON.stringify(row)).join('\n')
  const ferries = Array.from({ length: 105 }, (_, at) => ({ id: `ferry-${String(at).padStart(3, '0')}` }))
  await project.write('ferries.jsonl', rows(ferries))
  await project.write(
    'ferries.yaml',
    `name: ferries
model: claude-haiku-5-5
description: Where every ferry lies
dataset: { type: jsonl, path: ferries.jsonl, key: "{{id}}" }
prompt: "Where does {{id}} lie? It lies in the harbour and waits for its lamp."
batch: { max_requests: 40 }
sinks: [{ type: jsonl, path: out/ferries.jsonl }, { type: jsonl, path: out/failed.jsonl, select: failed }]
`,
  )
  await project.write(`papers/${HOSTILE_FILE}`, await readFile(PDF))
  const papers = `papers/${HOSTILE_FILE}`
  await project.write(
    'hostile.jsonl',
    rows([
      { id: 'paper', papers, text: HOSTILE },
      { id: HOSTILE, papers, text: HOSTILE, [HOSTILE]: HOSTILE },
      { id: 'long', papers, text: `<b>${'x</td>'.repeat(170_000)}` },
    ]),
  )
  await project.write(
    'hostile.yaml',
    `name: hostile
model: claude-haiku-5-5
description: ${JSON.stringify(HOSTILE.replace('\0', ''))}
dataset: { type: jsonl, path: hostile.jsonl, key: "{{id}}" }
documents: [{ file: "{{papers}}", title: "{{id}}" }]
prompt: "{{text}}"
sinks: [{ type: jsonl, path: out/answers.jsonl }]
`,
  )
  const emulator = await startEmulatorProcess(project, ['--answers', 'echo'])
  try {
    await emulator.faults([
      { on: 'request', match: 'ferry-0[01]7', do: { refusal: true } },
      { on: 'request', match: 'ferry-042', do: { error: 'invalid_request_error' } },
      { on: 'request', match: 'ferry-06', attempts: 1, do: { error: 'overloaded_error' } },
    ])
    let said = ''
    for (const job of jobs) {
      const run = await project.run(['run', job, '--yes', '--verbose'], { env: emulator.env })
      expect(run.code, run.stderr).toBe(3)
      said += run.stderr
    }
    return said
  } finally {
    await emulator.stop()
  }
}

export interface Pages {
  /** With its token. */
  readonly url: string
  readonly origin: string
  stop(): Promise<void>
}

/** `batchwright ui`, in this process. */
export async function servePages(project: Project): Promise<Pages> {
  const called = callCli(['ui', '--json'], { cwd: project.folder, env: {} })
  const url = await new Promise<string>((resolve, reject) => {
    called.onOut((text) => {
      if (text.endsWith('\n')) resolve(JSON.parse(text).url)
    })
    called.result.then(({ stderr }) => reject(new Error(`ui ended: ${stderr}`)), reject)
  })
  return {
    url,
    origin: new URL(url).origin,
    async stop() {
      called.interrupt()
      expect((await called.result).code).toBe(0)
    },
  }
}
