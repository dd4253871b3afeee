/**
 * Names for what is being written: `.NAME.HOST-PID-RANDOM.batchwright-tmp`, beside the place it will have. No two writers
 * ever share one, and a later process can tell what a dead one left behind from what a living one still writes. The random part
 * begins with the number of the thread.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
// The one thing about the process that lies on the disk: who wrote a file, and whether that one still lives.
import { kill, pid, uptime } from 'node:process'
import { threadId } from 'node:worker_threads'

const SUFFIX = '.batchwright-tmp'
const PATTERN = /\.([0-9a-f]{8})-(\d+)-([0-9a-f]{2})[0-9a-f]{6}\.batchwright-tmp$/
/** A file name may be 255 bytes long; a character of JavaScript's is at most three. */
const NAME_CHARACTERS = 60
/** Of a writer on another host nobody here can say whether it lives; one that has been silent for so long does not. */
const SILENT_MS = 7 * 24 * 3_600_000
/** Folders that this process has looked through; bounded, because some programs live long. */
const SWEPT_FOLDERS = 10_000

/** What this thread writes now: the process's own id proves nothing, since in a container every process may have the same. */
const ours = new Set<string>()
const swept = new Set<string>()

/** A name for what will be `path`, this process's until `releaseTemporary`. */
export function claimTemporary(path: string): string {
  const name = `.${basename(path).slice(0, NAME_CHARACTERS)}.${HOST}-${pid}-${THREAD}${randomUUID().slice(0, 6)}${SUFFIX}`
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
  const [, host, owner, thread] = PATTERN.exec(path) ?? []
  const writtenAt = async (): Promise<number> => (await stat(path)).mtimeMs
  let isDead: boolean
  if (host !== HOST) isDead = Date.now() - (await writtenAt()) > SILENT_MS
  else if (Number(owner) !== pid) isDead = !isAlive(Number(owner))
  else if (thread === THREAD) isDead = !ours.has(path)
  // Another thread may be at work on it, if this process has written it at all.
  else isDead = (await writtenAt()) < Date.now() - uptime() * 1000
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

/** The main thread is number 0; of more than 256 some share a number, and leave each other's leftovers to the next process. */
const THREAD = (threadId % 256).toString(16).padStart(2, '0')

/** Where process ids mean the same: the host, and on Linux the container's own list of processes. */
const HOST = createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8)

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
