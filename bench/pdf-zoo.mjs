// Plans a folder of several hundred odd, damaged and hostile PDFs: no crash, no hang, and each is accepted, or rejected
// for a reason that a person can read. Needs a built package. Run: node bench/pdf-zoo.mjs [--seed N] [--keep DIR] [--list] [--package DIR]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { animals } from './pdf-animals.mjs'

const { values: args } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
    list: { type: 'boolean', default: false },
    package: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
})
/** What one PDF may take, in milliseconds, and the whole plan. */
const MOST_MS = 5000
const MOST_MEGABYTES = 800
/** A sentence that begins with the file and carries no trace of a program. */
const READABLE = /^(?!.*(undefined|\[object|NaN|\bat \w+ \(|Error:|TypeError|RangeError)).{10,400}\.$/s

const examples = fileURLToPath(new URL('../jobs/data/', import.meta.url))
const names = readdirSync(examples).filter((name) => name.endsWith('.pdf'))
const originals = new Map(names.map((name) => [name, readFileSync(join(examples, name))]))
const zoo = animals(originals, Number(args.seed))

const root = args.keep ?? mkdtempSync(join(tmpdir(), 'pdf-zoo-'))
const faults = []
try {
  mkdirSync(join(root, 'zoo'), { recursive: true })
  for (const { name, bytes } of zoo) writeFileSync(join(root, 'zoo', name), bytes)
  const rejected = await plan()
  const times = await timeEach(rejected)
  judge(rejected)
  const slowest = times.sort((a, b) => b.ms - a.ms).slice(0, 5)
  console.log(
    `Slowest: ${slowest.map(({ name, ms }) => `${JSON.stringify(name)} ${(ms / 1000).toFixed(1)} s`).join(', ')}`,
  )
} finally {
  if (args.keep === undefined) rmSync(root, { recursive: true, force: true })
}
for (const fault of faults) console.log(`FAULT ${fault}`)
console.log(`${zoo.length} PDFs, ${faults.length} faults (seed ${args.seed})`)
process.exitCode = faults.length === 0 ? 0 : 1

/** The whole folder through the program, as a user would. The answer: reasons by name. */
async function plan() {
  writeFileSync(join(root, 'package.json'), '{}')
  writeFileSync(
    join(root, 'job.yaml'),
    `model: claude-haiku-5-5
dataset: { type: files, path: [zoo/*.pdf, zoo/*.PDF] }
documents: [{ file: "{{file.path}}" }]
prompt: Summarise.
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
on_rejected: skip
`,
  )
  const report = join(root, 'memory')
  const reporter = fileURLToPath(new URL('peak-memory.mjs', import.meta.url))
  const env = { ...process.env, NODE_OPTIONS: `--import ${reporter}`, PEAK_MEMORY_FILE: report }
  const start = performance.now()
  const child = spawn(process.execPath, [join(args.package, 'dist/cli.js'), 'plan', 'job.yaml', '--json'], {
    cwd: root,
    env,
  })
  const output = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.err += text
  })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`plan ended with ${code ?? signal}:\n${output.err}`)
  const planned = JSON.parse(output.out)
  const megabytes = Number(readFileSync(report, 'utf8'))
  console.log(
    `${planned.rows} PDFs planned in ${((performance.now() - start) / 1000).toFixed(1)} s, peak ${megabytes.toFixed(0)} MB: ${planned.requests} accepted, ${planned.rejected.length} rejected`,
  )
  if (planned.rows !== zoo.length) faults.push(`${planned.rows} rows for ${zoo.length} PDFs`)
  if (megabytes > MOST_MEGABYTES) faults.push(`${megabytes.toFixed(0)} MB of memory`)
  return new Map(planned.rejected.map(({ key, reason }) => [key.replace(/^zoo\//, ''), reason]))
}

/** Each PDF by itself, in a reader that has read all before it, and again the same answer. */
async function timeEach(rejected) {
  const { createDocumentReader } = await import(join(args.package, 'build/prompt/documents.js'))
  const { catalog } = await import(join(args.package, 'build/catalog.js'))
  const [provider] = catalog.providers
  const reader = createDocumentReader({
    root,
    runFolder: () => root,
    model: provider.model('claude-haiku-5-5', undefined),
    limits: provider.limits,
  })
  const times = []
  for (const { name } of zoo) {
    const start = performance.now()
    const reason = await reader.inspect(`zoo/${name}`, {}).then(
      () => undefined,
      (error) => error.message,
    )
    const ms = performance.now() - start
    times.push({ name, ms })
    if (ms > MOST_MS) faults.push(`${JSON.stringify(name)} took ${(ms / 1000).toFixed(1)} s`)
    if ((reason === undefined) !== (rejected.get(name) === undefined))
      faults.push(`${JSON.stringify(name)}: planned "${rejected.get(name)}", looked at again "${reason}"`)
  }
  await reader.close()
  return times
}

function judge(rejected) {
  for (const { name, fate } of zoo) {
    const reason = rejected.get(name)
    if (args.list) console.log(`${JSON.stringify(name)}: ${reason ?? 'accepted'}`)
    if (reason !== undefined && !READABLE.test(reason)) faults.push(`unreadable: ${JSON.stringify(reason)}`)
    if (fate === 'accepted' && reason !== undefined) faults.push(`${JSON.stringify(name)} was rejected: ${reason}`)
    if (fate instanceof RegExp && !fate.test(reason ?? ''))
      faults.push(`${JSON.stringify(name)}: ${reason ?? 'accepted'}, expected ${fate}`)
  }
}
