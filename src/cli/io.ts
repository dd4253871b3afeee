import type { Clock } from '../app.ts'

/** What the process gives the commands. */
export interface Io {
  readonly version: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly process: {
    readonly pid: number
    readonly hostname: string
    readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void
  }
  /** No colour and no animation on stderr. */
  readonly isPlain: boolean
  /** Size of the terminal, now: both change while the program runs. */
  readonly columns: number
  readonly rows: number
  /** Standard output is a terminal on which lines may be rewritten. */
  readonly isScreen: boolean
  /** Standard output: only what was asked for. */
  out(text: string | Uint8Array): Promise<void>
  /** Standard error: progress, notes, errors. */
  err(text: string): void
  /** Asks on the terminal, yes or no; absent: there is nobody to ask. */
  readonly ask?: (question: string) => Promise<boolean>
  readonly clock: Clock
  readonly random: () => number
  /** First Ctrl-C, and the second. */
  readonly interrupted: AbortSignal
  readonly signal: AbortSignal
}
