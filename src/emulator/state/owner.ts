// Who uses a state folder: two emulators at once would take each other's batches. The owner is known by its address and
// answers there under its name, so that what a killed one left behind is recognised.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject } from '../../core/json.ts'
import { writeAtomically } from '../../disk/atomic-file.ts'

const ANSWER_MS = 2000

/** The address of the emulator that works in this folder; undefined: there is none. */
export async function ownerOf(stateDir: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(pathOf(stateDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const owner: unknown = JSON.parse(text)
  if (!isJsonObject(owner) || typeof owner.url !== 'string' || typeof owner.instance !== 'string') return undefined
  return (await instanceAt(owner.url)) === owner.instance ? owner.url : undefined
}

export async function own(stateDir: string, url: string, instance: string): Promise<void> {
  await writeAtomically(pathOf(stateDir), JSON.stringify({ url, instance }))
}

export async function disown(stateDir: string): Promise<void> {
  await rm(pathOf(stateDir), { force: true })
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'owner.json')
}

/** The name of the emulator that answers there; undefined: nobody, or something else. */
async function instanceAt(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('/_emulator', url), { signal: AbortSignal.timeout(ANSWER_MS) })
    const body: unknown = await response.json()
    return isJsonObject(body) && typeof body.instance === 'string' ? body.instance : undefined
  } catch {
    return undefined
  }
}
