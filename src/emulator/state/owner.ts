// Who uses a state folder: two emulators at once would take each other's batches. The owner is known by its address and
// answers there under its name, so that what a killed one left behind is recognised.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import { writeAtomically } from '../../disk/atomic-file.ts'

const ANSWER_MS = 2000

/** Throws UserError when another emulator works in this folder. */
export async function checkUnowned(stateDir: string): Promise<void> {
  let text: string
  try {
    text = await readFile(pathOf(stateDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const owner: unknown = JSON.parse(text)
  if (!isJsonObject(owner) || typeof owner.url !== 'string' || typeof owner.instance !== 'string') return
  if ((await instanceAt(owner.url)) !== owner.instance) return
  throw new UserError({
    message: `Another emulator works in ${stateDir}; it listens on ${owner.url}.`,
    hint: 'Stop it, or give this one a folder of its own with --state.',
  })
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
