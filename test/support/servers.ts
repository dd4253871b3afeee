// Real servers for tests: Redis and PostgreSQL as Debian packages them, each with a folder and a free port of its own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

/** Why there is no Redis here; undefined: there is. */
export function whyNoRedis(): string | undefined {
  return spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not on PATH (Debian: apt-get install redis-server)'
}

/** Every acknowledged write is on disk, as our users should run it. */
export async function startRedis(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-redis-'))
  const port = await freePort()
  const options = { bind: '127.0.0.1', port, dir: folder, appendonly: 'yes', appendfsync: 'always', save: '' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  await waitUntil('redis-server', server, () =>
    spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' }).stdout?.includes('PONG'),
  )
  return { url: `redis://127.0.0.1:${port}`, stop: () => stop(server, 'SIGTERM', folder) }
}

/** Why there is no PostgreSQL here; undefined: there is. */
export function whyNoPostgres(): string | undefined {
  if (postgresBin() === undefined) return 'PostgreSQL is not installed (Debian: apt-get install postgresql)'
  if (userInfo().uid !== 0) return undefined
  return spawnSync('id', ['-u', 'postgres']).status === 0
    ? undefined
    : 'PostgreSQL does not run as root, and there is no user "postgres" to run it as'
}

export async function startPostgres(): Promise<TestServer> {
  const bin = postgresBin()
  if (bin === undefined) throw new Error(whyNoPostgres())
  const folder = mkdtempSync(join(tmpdir(), 'bw-postgres-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const owner = ownerOf(folder)
  const initdb = ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  const made = spawnSync(join(bin, 'initdb'), initdb, { ...owner, encoding: 'utf8', cwd: folder })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const options = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', shared_buffers: '16MB' }
  const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], { ...owner, stdio: 'ignore', cwd: folder })
  const ready = ['-h', '127.0.0.1', '-p', String(port), '-q']
  await waitUntil('postgres', server, () => spawnSync(join(bin, 'pg_isready'), ready).status === 0)
  // SIGINT asks PostgreSQL to stop without waiting for its clients.
  return { url: `postgres://tester@127.0.0.1:${port}/postgres`, stop: () => stop(server, 'SIGINT', folder) }
}

function postgresBin(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  const bins = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'))
  return bins.find((bin) => existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb')))
}

/** PostgreSQL refuses to run as root, so root gives the folder to the user "postgres" and runs it as that one. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {}
  const owner = { uid: idOf('-u'), gid: idOf('-g') }
  chownSync(folder, owner.uid, owner.gid)
  return owner
}

function idOf(flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
}

/** A port on which nobody listens: it was free a moment ago, and nobody else is given it at once. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

async function waitUntil(name: string, server: ChildProcess, isReady: () => boolean | undefined): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode} before it was ready`)
    if (isReady()) return
    await delay(100)
  }
  server.kill('SIGKILL')
  throw new Error(`${name} was not ready within 30 s`)
}

async function stop(server: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
