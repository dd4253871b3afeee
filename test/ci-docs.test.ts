// The workflows of docs/ci.md: well-formed, alike where they have to be, and their commands do what the page says.

import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Emulator } from '../src/index.ts'
import { startEmulator } from './support/built.ts'
import { createProject, type Project } from './support/cli.ts'
import { installShims } from './support/walkthrough.ts'

interface Step {
  readonly name?: string
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Workflow {
  readonly on: unknown
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
}

const FOLDER = join(import.meta.dirname, '../docs/examples/ci')

describe('the workflows of docs/ci.md', () => {
  let project: Project
  let emulator: Emulator
  beforeAll(async () => {
    project = await createProject()
    emulator = await startEmulator({ stateDir: project.path('emulator'), batchSeconds: 600 })
    await installShims(project, join(import.meta.dirname, '..'))
    // GitHub has no state of an earlier run: the folder here stays from step to step.
    await writeFile(project.path('.walk/bin/gh'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    expect(await bash('npm install batchwright && npx batchwright init mine')).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await emulator.close()
    await project.remove()
  })

  it('keep the state wherever they change it, one at a time, and never more rights than they need', async () => {
    const [check, submit, collect] = await Promise.all(['check', 'submit', 'collect'].map(workflow))
    expect(check?.permissions).toEqual({ contents: 'read' })
    for (const each of [submit, collect]) {
      expect(each?.permissions).toEqual({ contents: 'read', actions: 'read' })
      expect(each?.concurrency).toEqual({ group: 'batchwright', 'cancel-in-progress': false })
      const steps = stepsOf(each as Workflow)
      const kept = steps.find(({ with: given }) => given?.name === 'batchwright-state')
      // Hidden files are left out unless asked for, and .batchwright is one.
      expect(kept?.with).toMatchObject({ path: '.batchwright', 'include-hidden-files': true })
      expect(kept).toMatchObject({ if: 'always()' })
    }
    const fetching = (each: Workflow | undefined): string | undefined =>
      stepsOf(each as Workflow).find(({ name }) => name === 'Fetch the latest state')?.run
    expect(fetching(submit)).toBe(fetching(collect))
  })

  it('check, submit, collect nothing while nothing has ended, and collect all when it has', async () => {
    for (const run of await commandsOf('check')) expect(await bash(run, 'mine')).toMatchObject({ code: 0 })
    for (const run of await commandsOf('submit')) expect(await bash(run, 'mine')).toMatchObject({ code: 0 })
    const collect = await commandsOf('collect')
    for (const run of collect) expect(await bash(run, 'mine')).toMatchObject({ code: 0 })
    expect(await statuses()).toEqual(['detached', 'completed'])
    await fetch(`${emulator.url}/_emulator/advance`, { method: 'POST', body: '{"seconds": 700}' })
    for (const run of collect) expect(await bash(run, 'mine')).toMatchObject({ code: 0 })
    expect(await statuses()).toEqual(['completed', 'completed'])
    expect(await readFile(project.path('mine/out/reviews.csv'), 'utf8')).toMatch(/^key,.*\nr1,succeeded/)
    for (const run of collect) expect(await bash(run, 'mine')).toMatchObject({ code: 0 })
  })

  async function statuses(): Promise<string[]> {
    const { output } = await bash('npx batchwright runs --json', 'mine')
    return (JSON.parse(output) as { runs: { status: string }[] }).runs.map(({ status }) => status)
  }

  /** As GitHub runs a step: `bash -e` over a file. */
  async function bash(script: string, folder = ''): Promise<{ code: number | null; output: string }> {
    const env = {
      ...process.env,
      PATH: `${project.path('.walk/bin')}:${process.env.PATH}`,
      ANTHROPIC_BASE_URL: emulator.url,
      ANTHROPIC_API_KEY: 'sk-test',
      GITHUB_REPOSITORY: 'team/project',
    }
    const shell = spawn('bash', ['-e', '-c', script], { cwd: join(project.folder, folder), env })
    let output = ''
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    return new Promise((resolve) => shell.on('close', (code) => resolve({ code, output })))
  }
})

async function workflow(name: string): Promise<Workflow> {
  return parse(await readFile(join(FOLDER, `${name}.yml`), 'utf8')) as Workflow
}

function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps)
}

async function commandsOf(name: string): Promise<string[]> {
  return stepsOf(await workflow(name)).flatMap(({ run }) => run ?? [])
}
