// The emulator's clock: the machine's, moved forward by as much as it was told to; that is kept.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject } from '../../core/json.ts'
import { writeAtomically } from '../../disk/atomic-file.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolved = on disk. */
  advance(milliseconds: number): Promise<void>
}

export async function openClock(stateDir: string, machine: () => number): Promise<Clock> {
  const path = join(stateDir, 'clock.json')
  let offsetMs = await readOffset(path)
  return {
    now: () => machine() + offsetMs,
    async advance(milliseconds) {
      const next = offsetMs + milliseconds
      await writeAtomically(path, JSON.stringify({ offset_ms: next }))
      offsetMs = next
    },
  }
}

async function readOffset(path: string): Promise<number> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
  const stored: unknown = JSON.parse(text)
  if (!isJsonObject(stored) || typeof stored.offset_ms !== 'number') throw new Error(`${path} is not a clock file.`)
  return stored.offset_ms
}
