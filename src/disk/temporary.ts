/**
 * Names for what is being written: `.NAME.HOST-PID-RANDOM.batchwright-tmp`, beside the place it will have. No two writers
 * ever share one, and a later process can tell what a dead one left behind from what a living one still writes.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
// The one thing about the process that lies on the disk: who wrote a file, and whether that one still lives.
import { kill, pid, uptime } from 'node:process'

const SUFFIX = '.batchwright-tmp'
const PATTERN = /\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.batchwright-tmp$/
/** A file name may be 255 bytes long; a character of JavaScript's is at most three. */
const NAME_CHARACTERS = 60
/** Of a writer on another host nobody here can say whether it lives; one that has been silent for so long does not. */
const SILENT_MS = 7 * 24 * 3_600_000
/** Folders that this process has looked through; bounded, because some programs live long. */
const SWEPT_FOLDERS = 10_000

/**
 * What this thread writes now. The process's own id proves nothing, since in a container every process may have the same: what
 * was written before this process began is of another one, and what was written since may be another thread's.
 */
const ours = new Set<string>()
const swept = new Set<string>()

/** A name for what will be `path`, this process's until `releaseTemporary`. */
export function claimTemporary(path: string): string {
  const name = `.${basename(path).slice(0, NAME_CHARACTERS)}.${HOST}-${pid}-${randomUUID().slice(0, 8)}${SUFFIX}`
  const temporary = join(dirname(path), name)
  ours.add(temporary)
  return temporary
}

/** Whatever lies there from now on may be removed by anybody. */
export function releaseTemporary(temporary: string): void {
  ours.delete(temporary)
}

/**
 * Removes what dead processes left in the folder, files and folders alike. Each process looks through a folder once: it
 * writes thousands of files into some. Never throws: leftovers take up room and nothing else.
 */
export async function sweepTemporaries(folder: string): Promise<void> {
  if (swept.has(folder)) return
  if (swept.size >= SWEPT_FOLDERS) swept.clear()
  swept.add(folder)
  const names = await readdir(folder).catch(() => [])
  const temporaries = names.filter((name) => PATTERN.test(name)).map((name) => join(folder, name))
  await Promise.all(temporaries.map((path) => removeLeftover(path).catch(() => undefined)))
}

async function removeLeftover(path: string): Promise<void> {
  const [, host, owner] = PATTERN.exec(path) ?? []
  const isDead =
    host === HOST
      ? Number(owner) === pid
        ? !ours.has(path) && (await stat(path)).mtimeMs < Date.now() - uptime() * 1000
        : !isAlive(Number(owner))
      : Date.now() - (await stat(path)).mtimeMs > SILENT_MS
  if (isDead) await rm(path, { recursive: true, force: true })
}

/** A process that may not be asked lives; of one whose id is used again the leftovers wait for another time. */
function isAlive(id: number): boolean {
  try {
    return kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Where process ids mean the same: the host, and on Linux the container's own list of processes. */
const HOST = createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8)

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
