import type { ChildProcess } from 'node:child_process'
import type { HandlerContext } from './handler.ts'

/** Signals a process that has a group of its own (`detached`), and with it all that it started. */
export function stopProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL',
  { kill }: Pick<HandlerContext, 'kill'>,
): void {
  if (child.pid === undefined) return
  try {
    if (kill !== undefined) {
      kill(-child.pid, signal)
      return
    }
  } catch {
    // The group is gone, or this system has none: then the process itself.
  }
  child.kill(signal)
}
