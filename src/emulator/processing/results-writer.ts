// Writes the results file of a batch in large pieces; it appears when it is complete.

import { type AtomicFile, createAtomicFile } from '../../disk/atomic-file.ts'

const PIECE_CHARACTERS = 256 * 1024

export class ResultsWriter {
  readonly #file: AtomicFile
  #pending = ''

  private constructor(file: AtomicFile) {
    this.#file = file
  }

  static async create(path: string): Promise<ResultsWriter> {
    return new ResultsWriter(await createAtomicFile(path))
  }

  /** Undefined, or what to wait for before the next line. */
  add(line: string): Promise<void> | undefined {
    this.#pending += `${line}\n`
    return this.#pending.length < PIECE_CHARACTERS ? undefined : this.#flush()
  }

  /** Resolved = on disk under its name. */
  async commit(): Promise<void> {
    await this.#flush()
    await this.#file.commit()
  }

  async abort(): Promise<void> {
    await this.#file.abort()
  }

  async #flush(): Promise<void> {
    const piece = Buffer.from(this.#pending)
    this.#pending = ''
    await this.#file.write(piece)
  }
}
