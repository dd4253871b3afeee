/**
 * A real process for lives that are to end with SIGKILL. It has the program loaded before it is given anything to do, and
 * it may hold several lives at once, each in a folder of its own: they die together.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

export interface LifeEnd {
  /** undefined: it was killed before it came to its end. */
  readonly code: number | undefined
  readonly stderr: string
}

export interface Mortal {
  live(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<LifeEnd>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

interface Message extends LifeEnd {
  readonly id: number
}

/** Resolves at once; the process loads the program while others work. */
export function startMortal(): Mortal {
  const child = fork(join(import.meta.dirname, 'life-child.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('close', () => reject(new Error('The process ended before it was ready.')))
  })
  // Who is killed unused has nothing to say about it.
  ready.catch(() => undefined)
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let lives = 0
  return {
    async live(args, cwd, env) {
      await ready
      const id = lives++
      child.send({ id, args, cwd, env })
      return Promise.race([said(child, id), closed.then(() => ({ code: undefined, stderr: '' }))])
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

function said(child: ChildProcess, id: number): Promise<LifeEnd> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      const end = message as Message
      if (end.id !== id) return
      child.off('message', hear)
      resolve(end)
    }
    child.on('message', hear)
  })
}
