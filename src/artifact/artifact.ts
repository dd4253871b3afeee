import type { RunId } from '../core/batch.ts'

/**
 * The large files of a run, each written once and never changed: request files, landed results. Names are relative
 * paths inside the run's own space, such as `requests/0003.1.plan` or `results/0003.1.jsonl`.
 */
export interface ArtifactStore {
  /**
   * Writes a file that appears complete or not at all (temporary, fsync, rename, fsync of the folder). A file of that
   * name is replaced. With `goesDirect` it need not be kept in the system's cache: it is large, and read past it as well.
   */
  create(run: RunId, name: string, options?: { readonly goesDirect: boolean }): Promise<ArtifactWriter>
  /**
   * Bytes from `start` (inclusive) to `end` (exclusive). Throws ArtifactMissingError when there is no such file. With
   * `reuse` every piece may lie in the memory of the one before: for readers that are done with a piece when they ask
   * for the next.
   */
  read(
    run: RunId,
    name: string,
    range?: { start: number; end: number },
    options?: { reuse: boolean },
  ): AsyncIterable<Uint8Array>
  /** Random access. With `goesDirect` large reads need not go through the system's cache. */
  open(run: RunId, name: string, options?: { readonly goesDirect: boolean }): Promise<ArtifactReader>
  size(run: RunId, name: string): Promise<number | undefined>
  remove(run: RunId, name: string): Promise<void>
  /** Removes everything of a run. */
  removeRun(run: RunId): Promise<void>
  /** Every run with files here, planned to the end or not, in no promised order. */
  runs(): Promise<RunId[]>
}

export interface ArtifactWriter {
  /** Resolves when more may be written. The bytes may be reused by the caller afterwards. */
  write(bytes: Uint8Array): Promise<void>
  /** Bytes written so far. */
  readonly bytes: number
  commit(): Promise<void>
  /** Leaves no file; never throws; may be called after commit, then it does nothing. */
  abort(): Promise<void>
}

export interface ArtifactReader {
  /**
   * @param into memory that may be used, where it is large enough: for a direct read it begins with a page and has room for
   *   two blocks more (disk/page-memory.ts)
   */
  read(start: number, end: number, into?: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

export class ArtifactMissingError extends Error {
  constructor(run: RunId, name: string) {
    super(`${name} of run ${run} is missing: its files lie on the machine that planned it, or were removed.`)
    this.name = 'ArtifactMissingError'
  }
}
