// A program run to its end: how long it took from its start; its processor time and peak memory where it is Node.js.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const CLI = fileURLToPath(new URL('../../bin/batchwright.js', import.meta.url))
const REPORTER = new URL('../peak-memory.mjs', import.meta.url).href

/** Throws where it ends with another status than `expect`. */
export async function run(command, args, { cwd, env = {}, expect = [0], nodeOptions = '', isBare = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'batchwright-child-'))
  const report = join(folder, 'memory')
  try {
    const isNode = command === process.execPath && !isBare
    const startedAt = Date.now()
    const start = performance.now()
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...(isNode ? { NODE_OPTIONS: `--import ${REPORTER} ${nodeOptions}`, PEAK_MEMORY_FILE: report } : {}),
        ...env,
      },
    })
    const outputs = ['', '']
    for (const [at, stream] of [child.stdout, child.stderr].entries()) {
      stream.on('data', (text) => {
        outputs[at] += text
      })
    }
    const [status] = await once(child, 'close')
    const seconds = (performance.now() - start) / 1000
    const [stdout, stderr] = outputs
    if (!expect.includes(status))
      throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-2000)}`)
    const reported = (file) => (isNode ? Number(readFileSync(file, 'utf8')) : undefined)
    const [megabytes, cpu] = [report, `${report}.cpu`].map(reported)
    return { seconds, startedAt, stdout, stderr, megabytes, cpu }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The built command line. */
export function batchwright(args, options) {
  return run(process.execPath, [CLI, ...args], options)
}

/** The environment in which a client finds a server of ours, and needs no key. */
export function clientOf(url) {
  return { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'bench' }
}
