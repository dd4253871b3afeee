/** The local Message Batches API: how it is started. */

import type { Json } from '../core/json.ts'

/** How an emulator is started. */
export interface EmulatorOptions {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Folder that holds everything it knows; survives SIGKILL. */
  readonly stateDir: string
  /** 'extract' | 'echo' | 'fixture:FILE' | 'upstream:URL'. */
  readonly answers: string
  /** How long a batch is in progress before it ends. */
  readonly batchSeconds: number
  readonly order: 'shuffled' | 'input'
  /** Path of a faults file, YAML or JSON. */
  readonly faultsFile?: string
  readonly seed: number
  /** Where another emulator works in `stateDir` already, use that one; without it, this is an error. */
  readonly attach?: boolean
  /** Reads YAML, for faults; without it they have to be JSON. Throws where the text is no YAML. */
  readonly parseYaml?: (text: string) => Json
  /** Milliseconds since 1970; default: the machine's clock. `/_emulator/advance` adds to it. */
  readonly now?: () => number
  /** Hears of errors of the emulator itself, such as a full disk; nothing is lost, and it tries again. */
  readonly failed?: (error: unknown) => void
}

/** A server that listens. */
export interface Emulator {
  /** http://127.0.0.1:PORT */
  readonly url: string
  close(): Promise<void>
}
