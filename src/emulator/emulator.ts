/** The local Message Batches API: how it is started. */

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
}

export interface Emulator {
  /** http://127.0.0.1:PORT */
  readonly url: string
  close(): Promise<void>
}
