// What the kinds of handlers have in common, for the room itself.

import type { Env } from '../core/env-text.ts'
import type { Problem } from '../core/errors.ts'
import type { HandlerCall, ToolResult } from './tool.ts'

/** The handler of one tool. The input has been checked when `run` is called. */
export interface Handler {
  /** undefined: it can be run. `path` is relative to the handler's place in the job. */
  check(): Promise<Problem | undefined>
  run(call: HandlerCall, signal: AbortSignal): Promise<ToolResult>
  close(): Promise<void>
}

/** What handlers need of the surroundings. */
export interface HandlerContext {
  /** Absolute path of the project root: the working folder of modules and commands. */
  readonly root: string
  readonly env: Env
  /** What a handler prints, line by line, for the person who watches. */
  readonly notify: (text: string) => void
  /** Signals a process, or with a negative number a group of processes; absent: only the process itself can be ended. */
  readonly kill?: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void
}

/** Where handlers are cut off while they are asked to end, before they are ended. */
export const GRACE_MS = 2000
