// Completes package-lock.json after `npm install`: adds an entry for every optional platform binary that the registry
// in use did not serve, because `npm ci` refuses a lock that names a package without describing it. Run: npm run lock
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const packages = lock.packages

/** True when some node_modules folder at or above `from` has an entry for `name`. */
function isLocked(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true
    if (at === '') return false
    if (!at.includes('/node_modules/')) at = ''
  }
}

function stub(name, version, isDev) {
  const os = /darwin|linux|win32|android|freebsd|openharmony/.exec(name)?.[0]
  const cpu = /arm64|x64|ia32|arm|riscv64|s390x|ppc64/.exec(name)?.[0]
  return {
    version,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(isDev ? { dev: true } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
    ...(os === 'linux' ? { libc: [name.includes('musl') ? 'musl' : 'glibc'] } : {}),
  }
}

const added = []
for (const [path, entry] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d/.test(version) || isLocked(path, name)) continue
    packages[`node_modules/${name}`] = stub(name, version, entry.dev === true)
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${added.length} platform packages described: ${added.join(', ') || 'none were missing'}\n`)
