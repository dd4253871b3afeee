import type { Io } from '../../src/cli/io.ts'

export const PROGRAM: string
export function programIo(given: {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly interrupted: AbortSignal
}): Io
