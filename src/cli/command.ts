// What a command is, to the program that parses it and to the shells' completions.

import type { Option } from 'commander'
import type { Io } from './io.ts'
import type { Flags } from './program.ts'

export type Action = (io: Io, args: string[], flags: Flags) => Promise<number>

/** What there is to type, as the shells' completions need it. */
export interface CommandTree {
  readonly name: string
  readonly about: string
  /** `<job...>`, `[run-or-job]`: what the words behind it are. */
  readonly args: string
  readonly options: readonly {
    readonly flag: string
    readonly about: string
    /** `file`, `k=v`: what its value is; empty: it takes none. */
    readonly value: string
    readonly choices: readonly string[]
  }[]
  readonly commands: readonly CommandTree[]
}

export interface CommandSpec {
  /** `batches list [--limit]`: names may be nested with a space. */
  readonly name: string
  readonly args?: string
  readonly about: string
  readonly example: string
  /** The heading it stands under in the help. */
  readonly group: string
  readonly options: readonly Option[]
  readonly load: (program: CommandTree) => Promise<Action>
}
