// Does what a page says, in its order, in one shell and one folder, as a reader would who pastes every block.

import { spawn, spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createProject, type Project } from './cli.ts'
import type { Block, Page } from './markdown.ts'

/** One thing that was run: a block, or a command of a block that shows what each of its commands prints. */
export interface Step {
  readonly block: Block
  /** What was typed. */
  readonly text: string
  /** Exit status of the last command that failed, 0 where none did. */
  readonly status: number
  readonly output: string
  /** What the page says that it prints; undefined: nothing is said. */
  readonly shown: string | undefined
}

export interface Walk {
  readonly project: Project
  readonly steps: readonly Step[]
}

interface Planned {
  readonly block: Block
  readonly text: string
  readonly shown: string | undefined
  /** What the shell does for it. */
  readonly script: string
}

interface Surroundings {
  readonly home: string
  readonly emulator: string
  readonly port: number
  readonly compiled: (block: Block) => string
}

/**
 * `npm install batchwright` puts the package where it belongs, and `npx batchwright` runs it. Everything else is as on the
 * reader's machine.
 *
 * @param home folder of the package
 * @param emulator what stands behind ANTHROPIC_BASE_URL; the key comes from the page
 * @param port takes the place of 8787, so that pages can be tried side by side
 * @param compiled JavaScript of a TypeScript block
 */
export async function walk(page: Page, { home, emulator, port, compiled }: Surroundings): Promise<Walk> {
  const project = await createProject({ examples: page.begins === 'in a project with the examples' })
  const planned = page.blocks.flatMap((block, index) => plan(page, block, index, compiled))
  await installShims(project, home)
  const lines = [PRELUDE, ...(BEGINNINGS[page.begins] ?? ['exit 9'])]
  for (const [index, { text, script }] of planned.entries()) {
    await project.write(`.walk/${index}`, text.replaceAll('8787', String(port)))
    lines.push(`__step=${index}; __status=0`, script, `echo "$__status" > "$WALK/${index}.status"`)
  }
  await project.write('.walk/all.sh', `${lines.join('\n')}\n`)
  const code = await runShell(project, emulator)
  const steps: Step[] = []
  for (const [index, { block, text, shown }] of planned.entries()) {
    const status = await read(project, `${index}.status`)
    const output = await read(project, `${index}.out`)
    if (status === '') throw new Error(`${page.path}:${block.line} did not end (${code}): ${output}`)
    steps.push({ block, text, shown, status: Number(status), output })
  }
  return { project, steps }
}

/** A page that waits for something that never comes is ended then. */
const PATIENCE_MS = 90_000

const PRELUDE = `set -E
WALK=$PWD/.walk
__status=0
trap '__status=$?' ERR`

const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  'in an empty folder': ['mkdir -p empty && cd empty'],
  'in a project of init': [
    'mkdir -p mine && cd mine',
    '(npm install batchwright && npx batchwright init .) > "$WALK/beginning" 2>&1 || exit',
  ],
  'in a project with the examples': ['npm install batchwright'],
}

const RUN = `source "$WALK/$__step" > "$WALK/$__step.out" 2>&1`

function plan(page: Page, block: Block, index: number, compiled: (block: Block) => string): Planned[] {
  const { language, note, text } = block
  if (note.type === 'shown' || note.type === 'printed' || note.type === 'copy') return []
  if (note.type === 'file') {
    const script = `mkdir -p "$(dirname '${note.path}')" && cp "$WALK/$__step" '${note.path}'; : > "$WALK/$__step.out"`
    return [{ block, text, shown: undefined, script }]
  }
  const next = page.blocks[index + 1]
  const shown = next?.note.type === 'printed' ? next.text : undefined
  if (language === 'sh') return [{ block, text, shown, script: RUN }]
  if (language === 'console') return commandsOf(text).map((command) => ({ block, ...command, script: RUN }))
  if (language !== 'ts' && language !== 'js') return []
  const script = `cp "$WALK/$__step" block.mjs; node block.mjs > "$WALK/$__step.out" 2>&1; rm block.mjs`
  return [{ block, text: compiled(block), shown, script }]
}

/** `$ command`, further lines of it after a backslash, then what it prints. */
function commandsOf(text: string): { text: string; shown: string }[] {
  const commands: { text: string; shown: string }[] = []
  let goesOn = false
  for (const line of text.trimEnd().split('\n')) {
    const last = commands.at(-1)
    if (line.startsWith('$ ')) commands.push({ text: `${line.slice(2)}\n`, shown: '' })
    else if (last === undefined) throw new Error(`A console block begins with "$ ", not with "${line}".`)
    else if (goesOn) last.text += `${line}\n`
    else last.shown += `${line}\n`
    goesOn = (line.startsWith('$ ') || goesOn) && line.endsWith('\\')
  }
  return commands
}

const hasCurl = spawnSync('curl', ['--version']).status === 0

/** As much of curl as the pages use, where there is none: the tests need Node.js and a shell. */
const CURL = `#!${process.execPath}
const words = process.argv.slice(2)
const after = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined)
const file = after('--data-binary')
const body = file === undefined ? after('--data') : require('node:fs').readFileSync(file.slice(1))
fetch(words.at(-1), { method: after('-X') ?? 'GET', body }).then(async (answer) => {
  process.stdout.write(await answer.text())
  process.exitCode = answer.ok ? 0 : 22
})
`

/** `npx` and `npm` as a project without a network needs them, in `.walk/bin`. */
export async function installShims(project: Project, home: string): Promise<void> {
  const npx = `#!/bin/sh
[ "$1" = batchwright ] && shift
exec '${process.execPath}' '${home}/bin/batchwright.js' "$@"
`
  const npm = `#!/bin/sh
case "$*" in
  'install batchwright' | ci) ;;
  *) echo "npm $*: not here" >&2; exit 1 ;;
esac
[ -e package.json ] || echo '{}' > package.json
mkdir -p node_modules && ln -sfn '${home}' node_modules/batchwright
`
  await mkdir(project.path('.walk/bin'), { recursive: true })
  for (const [name, text] of Object.entries({ npx, npm, ...(hasCurl ? {} : { curl: CURL }) }))
    await writeFile(project.path(`.walk/bin/${name}`), text, { mode: 0o755 })
}

/** In a process group of its own: what a page leaves in the background ends with it. */
function runShell(project: Project, emulator: string): Promise<number | null> {
  const { ANTHROPIC_API_KEY: _key, ...inherited } = process.env
  const env = {
    ...inherited,
    PATH: `${project.path('.walk/bin')}:${process.env.PATH}`,
    ANTHROPIC_BASE_URL: emulator,
    NO_COLOR: '1',
  }
  const shell = spawn('bash', ['.walk/all.sh'], { cwd: project.folder, env, stdio: 'ignore', detached: true })
  const timer = setTimeout(() => endGroup(shell.pid), PATIENCE_MS)
  return new Promise((resolve, reject) => {
    shell.on('error', reject)
    shell.on('exit', (code) => {
      clearTimeout(timer)
      endGroup(shell.pid)
      resolve(code)
    })
  })
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function read(project: Project, name: string): Promise<string> {
  return readFile(project.path(`.walk/${name}`), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}
