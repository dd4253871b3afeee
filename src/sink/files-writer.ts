// Writes one file a row: into a hidden staging folder first, and from there to their places when all are there.

import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { UserError } from '../core/errors.ts'
import type { Outcome } from '../core/result.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { claimTemporary, releaseTemporary, sweepTemporaries } from '../disk/temporary.ts'
import { possiblePath } from './file-name.ts'
import { InFlight } from './in-flight.ts'
import { Manifest, readManifest } from './manifest.ts'
import type { PartId, SinkContext, SinkPart, SinkWriter } from './sink.ts'
import { publishFiles, writeNewFile } from './staged-files.ts'
import { isBelow, leadsOut, slashed } from './target-path.ts'
import { IGNORED_PART, PartOrder } from './text-file.ts'

export interface FilesTarget {
  /** The path template as the job wrote it. */
  readonly path: string
  /** Absolute: the folder it begins with, and where the list of the files is kept for the next time. */
  readonly folder: string
  readonly manifest: string
  readonly context: SinkContext
  readonly release: () => void
}

/** Files written at a time: enough to keep the disk busy while each waits for its fsync. */
const CONCURRENT_FILES = 16
/** Folders whose existence is remembered. */
const KNOWN_FOLDERS = 10_000
const compress = promisify(gzip)

export class FilesWriter implements SinkWriter {
  readonly location: string
  readonly #target: FilesTarget
  /** Where the files are written first: in the same folder, so that they only have to be moved. */
  readonly #staging: string
  readonly #manifest: Manifest
  readonly #order = new PartOrder()
  readonly #writes = new InFlight(CONCURRENT_FILES)
  readonly #folders = new Set<string>()

  private constructor(target: FilesTarget) {
    this.location = target.path
    this.#target = target
    this.#staging = claimTemporary(join(target.folder, 'files'))
    this.#manifest = new Manifest(join(this.#staging, '.manifest'))
  }

  static async open(target: FilesTarget): Promise<FilesWriter> {
    await sweepTemporaries(target.folder)
    return new FilesWriter(target)
  }

  async openPart(part: PartId): Promise<SinkPart> {
    if (!this.#order.isNew(part)) return IGNORED_PART
    const from = await this.#manifest.position()
    return {
      write: (outcome) => this.#write(outcome),
      commit: async () => {
        await this.#writes.settle()
        this.#order.committed(part)
      },
      abort: () => this.#undo(from).catch(() => undefined),
    }
  }

  async finish(): Promise<void> {
    await this.#writes.settle()
    await this.#manifest.flush()
    const { folder, manifest } = this.#target
    await publishFiles({ folder, staged: this.#stagedFolder, manifest: this.#manifest.path, stored: manifest })
    await rm(this.#staging, { recursive: true, force: true })
    this.#leave()
  }

  async abort(): Promise<void> {
    await this.#writes.settle().catch(() => undefined)
    await rm(this.#staging, { recursive: true, force: true }).catch(() => undefined)
    this.#leave()
  }

  #leave(): void {
    releaseTemporary(this.#staging)
    this.#target.release()
  }

  get #stagedFolder(): string {
    return join(this.#staging, 'files')
  }

  async #write(outcome: Outcome): Promise<void> {
    const file = this.#fileOf(outcome)
    const content = this.#contentOf(outcome, file)
    const staged = join(this.#stagedFolder, file)
    await this.#useFolder(dirname(file))
    await this.#manifest.add({ file, key: outcome.key })
    await this.#writes.start(async () => {
      try {
        await writeNewFile(staged, file.endsWith('.gz') ? await compress(content) : Buffer.from(content))
      } catch (error) {
        throw await this.#explained(error, file, outcome)
      }
    })
  }

  /** The outcome's file relative to the folder. Throws UserError when it would lie outside. */
  #fileOf(outcome: Outcome): string {
    const { path, folder, context } = this.#target
    const rendered = context.renderText(path, outcome)
    const target = resolve(context.root, possiblePath(rendered))
    if (!isBelow(folder, target) || target === folder || /[/\\]$/.test(rendered)) {
      const problem = leadsOut(slashed(rendered), folder).problems[0]
      throw new UserError({ ...problem, message: `The row "${outcome.key}" cannot be written. ${problem?.message}` })
    }
    return relative(folder, target).split(sep).join('/')
  }

  #contentOf(outcome: Outcome, file: string): string {
    const { render } = this.#target.context
    if (render !== undefined) return render(outcome)
    // A row without an answer (selected by `failed` or `all`) has no text; what became of it is in the outcome.
    if (outcome.text === null) return `${JSON.stringify(outcome, null, 2)}\n`
    return /\.json(\.gz)?$/.test(file) ? `${JSON.stringify(outcome.output, null, 2)}\n` : outcome.text
  }

  /** Makes the staging folder, and sees that the folder it stands for is not a link that leads out of the root. */
  async #useFolder(name: string): Promise<void> {
    if (this.#folders.has(name)) return
    const { folder, context } = this.#target
    const inRoot = isBelow(context.root, folder)
    if (!inRoot) await mkdir(folder, { recursive: true })
    await insideRoot(inRoot ? context.root : folder, resolve(folder, name))
    try {
      await mkdir(join(this.#stagedFolder, name), { recursive: true })
    } catch (error) {
      throw isOccupied(error) ? new UserError(fileAndFolder(name)) : error
    }
    if (this.#folders.size >= KNOWN_FOLDERS) this.#folders.clear()
    this.#folders.add(name)
  }

  async #explained(error: unknown, file: string, outcome: Outcome): Promise<unknown> {
    if (!isOccupied(error)) return error
    const other = await this.#keyOf(file, outcome.key)
    if (other === undefined) return new UserError(fileAndFolder(file))
    return new UserError({
      message: `The rows "${other}" and "${outcome.key}" both have the path "${this.#shown(file)}".`,
      hint: `Make the sink's path different for every row, such as "${this.#shown('{{key}}')}".`,
    })
  }

  /** The key of the other row that has this file. */
  async #keyOf(file: string, key: string): Promise<string | undefined> {
    await this.#manifest.flush()
    let seen = 0
    for await (const entries of readManifest(this.#manifest.path)) {
      for (const entry of entries) {
        if (entry.file === file && (entry.key !== key || seen++ > 0)) return entry.key
      }
    }
    return undefined
  }

  async #undo(from: number): Promise<void> {
    await this.#writes.settle().catch(() => undefined)
    await this.#manifest.flush()
    for await (const entries of readManifest(this.#manifest.path, from)) {
      await Promise.all(entries.map((entry) => rm(join(this.#stagedFolder, entry.file), { force: true })))
    }
    await this.#manifest.truncate(from)
  }

  #shown(file: string): string {
    return slashed(relative(this.#target.context.root, join(this.#target.folder, file)))
  }
}

function isOccupied(error: unknown): boolean {
  return ['EEXIST', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function fileAndFolder(name: string): { message: string; hint: string } {
  return {
    message: `One row has the path "${name}" and another has a path below it: it cannot be a file and a folder.`,
    hint: "Change the sink's path so that no row's file is another row's folder.",
  }
}
