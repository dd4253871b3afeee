// A real PostgreSQL server for the tests, in a temporary folder, on a free port of the loopback interface.

import { execFile, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface PostgresServer {
  readonly url: string
  /** The folder of the server's programs, psql among them. */
  readonly bin: string
  stop(): Promise<void>
}

/** Starts a server; where that is not possible, says why. */
export async function startPostgres(): Promise<PostgresServer | { reason: string }> {
  const bin = await findBin()
  if (bin === undefined) return { reason: 'needs a PostgreSQL server (initdb and postgres) on this machine' }
  const folder = await mkdtemp(join(tmpdir(), 'batchwright-postgres-'))
  try {
    const become = await userToRun(folder)
    const data = join(folder, 'data')
    const port = await freePort()
    const as = (program: string, ...args: string[]): [string, string[]] =>
      become === undefined ? [join(bin, program), args] : ['runuser', ['-u', become, '--', join(bin, program), ...args]]
    await run(...as('initdb', '-D', data, '--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-sync'), {
      cwd: folder,
    })
    const settings = ['fsync=off', `port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`]
    const [program, args] = as('postgres', '-D', data, ...settings.flatMap((setting) => ['-c', setting]))
    const server = spawn(program, args, { cwd: folder, stdio: 'ignore' })
    const stop = async (): Promise<void> => {
      await run(...as('pg_ctl', 'stop', '-D', data, '-m', 'immediate', '-w'), { cwd: folder }).catch(() =>
        server.kill(),
      )
      await rm(folder, { recursive: true, force: true })
    }
    for (let tries = 0; ; tries++) {
      const isReady = await run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
        () => true,
        () => false,
      )
      if (isReady) return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, bin, stop }
      if (tries === 100) {
        await stop()
        return { reason: 'the PostgreSQL server of this machine did not start within ten seconds' }
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    return { reason: `the PostgreSQL server of this machine cannot be started: ${error}` }
  }
}

async function findBin(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const places = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`)
  for (const place of [...places, '/opt/homebrew/bin', '/usr/local/bin', '/usr/bin']) {
    const programs = await Promise.all([stat(join(place, 'initdb')), stat(join(place, 'postgres'))]).catch(
      () => undefined,
    )
    if (programs !== undefined) return place
  }
  return undefined
}

/** PostgreSQL refuses to run as root; then it runs as the user postgres. */
async function userToRun(folder: string): Promise<string | undefined> {
  if (userInfo().uid !== 0) return undefined
  const { stdout } = await run('id', ['-u', 'postgres'])
  await chown(folder, Number(stdout), -1)
  return 'postgres'
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
