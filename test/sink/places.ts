// Folders for the tests of sinks, and independent readers of what sinks wrote.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { valueAtPath } from '../../src/core/json.ts'
import type { SinkPlace } from '../../src/sink/contract.ts'
import type { SinkContext } from '../../src/sink/sink.ts'

const run = promisify(execFile)
const roots: string[] = []

afterAll(async () => {
  interpreter?.process.stdin?.end()
  await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })))
})

export async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'batchwright-sink-'))
  roots.push(root)
  return root
}

/** Renders `{{name}}` and `{{dotted.path}}` over the outcome's fields, `run` and `job`. */
export function contextIn(root: string, more: Partial<SinkContext> = {}): SinkContext {
  return {
    run: 'job-20261122-071500-x7k2',
    jobName: 'job',
    root,
    env: {},
    renderText: (text, outcome) =>
      text.replaceAll(/\{\{([\w.]+)\}\}/g, (_, path: string) => {
        const scope = {
          ...outcome,
          run: { id: 'job-20261122-071500-x7k2' },
          job: { name: 'job' },
        } as unknown as JsonObject
        return String(valueAtPath(scope, path) ?? '')
      }),
    signal: new AbortController().signal,
    ...more,
  }
}

/** A place in a folder of its own; a crash is a copy of the folder as it stands. */
export function folderPlace(
  root: string,
  options: JsonObject,
  read: (root: string) => Promise<readonly Json[] | undefined>,
  more: Partial<SinkContext> = {},
): SinkPlace {
  return {
    options,
    context: contextIn(root, more),
    read: () => read(root),
    list: async () => (await readdir(root, { recursive: true })).sort(),
    crash: async () => {
      const copy = await newRoot()
      await cp(root, copy, { recursive: true })
      return folderPlace(copy, options, read, more)
    },
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** A Python process that runs programs until the tests end: starting one for each would take longer than all the rest. */
let interpreter: { process: ChildProcess; answers: AsyncIterator<string> } | undefined
const LOOP = `
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    try:
        scope = {'args': request['args']}
        exec(request['program'], scope)
        print(json.dumps({'answer': scope['answer']}), flush=True)
    except Exception as error:
        print(json.dumps({'error': repr(error)}), flush=True)
`

/** Runs a Python program that sets `answer`, a JSON value; its arguments are in `args`. */
export async function python(program: string, ...args: string[]): Promise<Json> {
  if (interpreter === undefined) {
    const process = spawn('python3', ['-c', LOOP], { stdio: ['pipe', 'pipe', 'inherit'] })
    interpreter = { process, answers: createInterface({ input: process.stdout })[Symbol.asyncIterator]() }
  }
  interpreter.process.stdin?.write(`${JSON.stringify({ program, args })}\n`)
  const { value } = await interpreter.answers.next()
  const { answer, error } = JSON.parse(value) as { answer: Json; error?: string }
  if (error !== undefined) throw new Error(`Python: ${error}`)
  return answer
}

/** Why Python cannot be used here; undefined where it can. */
export async function pythonMissing(): Promise<string | undefined> {
  return run('python3', ['-c', 'import csv, json, sqlite3']).then(
    () => undefined,
    (error: unknown) => `needs python3 as an independent reader: ${error instanceof Error ? error.message : error}`,
  )
}
