// Answers of earlier runs, found by what was asked.

import { ArtifactMissingError, type ArtifactReader, type ArtifactStore } from '../artifact/artifact.ts'
import type { RequestShape, RunId } from '../core/batch.ts'
import type { Job } from '../core/job.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { RowText } from '../core/row-text.ts'
import type { NewReason } from '../core/run.ts'
import type { PlannedPart } from '../core/write-request-line.ts'
import { mergeRecords } from '../disk/record-sorter.ts'
import { SortedRecords } from '../disk/sorted-records.ts'
import { CONTENT_BYTES, ContentDigester, documentsDigest } from '../prompt/content-digest.ts'
import {
  ANSWER_BYTES,
  type AnswerPlace,
  KEY_BYTES,
  KEY_RECORD_BYTES,
  keepAnswers,
  keyDigest,
  readKeyRecord,
  readPlace,
  setRun,
} from './answers.ts'
import {
  type AnsweredRun,
  type Found,
  type FoundAnswer,
  type OpenAnswers,
  openReused,
  openTrip,
} from './open-answers.ts'

export class AnswerLibrary {
  readonly #artifacts: ArtifactStore
  readonly #digester: ContentDigester
  readonly #runs: readonly AnsweredRun[]
  readonly #contents: SortedRecords | undefined
  readonly #before: AnsweredRun | undefined
  readonly #changed: { readonly prompt: boolean; readonly params: boolean; readonly model: boolean }
  readonly #readers: ArtifactReader[] = []
  readonly #open = new Map<string, Promise<OpenAnswers | undefined>>()
  readonly #used = new Set<RunId>()
  /** Of the run before; it is opened for the first row that is new. */
  #keys: SortedRecords | undefined
  #last: (Omit<AnswerPlace, 'ordinal'> & { readonly answers: OpenAnswers }) | undefined

  private constructor(
    artifacts: ArtifactStore,
    job: Job,
    scope: Buffer,
    runs: readonly AnsweredRun[],
    before: AnsweredRun | undefined,
    contents: SortedRecords | undefined,
    readers: readonly ArtifactReader[],
  ) {
    this.#artifacts = artifacts
    this.#digester = new ContentDigester(scope)
    this.#runs = runs
    this.#contents = contents
    this.#before = before
    this.#readers.push(...readers)
    this.#changed = changesOf(before?.context.header.job, job)
  }

  /**
   * @param runs finished runs of the same scope, newest first
   * @param before the latest finished run of this job, whatever its scope: to say why a row is asked again
   * @param scratch a run whose space may hold a file until `close`
   */
  static async open(
    artifacts: ArtifactStore,
    job: Job,
    scope: Buffer,
    runs: readonly AnsweredRun[],
    before: AnsweredRun | undefined,
    scratch: string,
  ): Promise<AnswerLibrary> {
    const needed = withoutRepeated(runs)
    const [newest] = needed
    if (newest === undefined) return new AnswerLibrary(artifacts, job, scope, needed, before, undefined, [])
    for (const run of needed) await keepAnswers(run)
    // The file of one run is looked into where it lies.
    const alone = needed.length === 1 ? newest.context.header.run : undefined
    const name = runFiles.answers(alone === undefined ? 'merged' : 'contents')
    if (alone === undefined) await mergeRuns(artifacts, needed, scratch, name)
    const { records, reader } = await openRecords(artifacts, alone ?? scratch, name, ANSWER_BYTES, CONTENT_BYTES)
    return new AnswerLibrary(artifacts, job, scope, needed, before, records, [reader])
  }

  /** Runs whose files answers were taken from so far. */
  get used(): readonly RunId[] {
    return [...this.#used]
  }

  /**
   * The answer to this very question, or why it has to be asked. Ask for one at a time.
   *
   * @param row that stretches among the parts are of
   */
  find(
    key: string,
    shape: RequestShape,
    parts: readonly PlannedPart[],
    row?: RowText,
  ): FoundAnswer | NewReason | Promise<FoundAnswer | NewReason> {
    const content = this.#digester.digest(shape, parts, row)
    const record = this.#contents?.find(content)
    if (record === undefined) return this.#whyNew(key, parts)
    if (record instanceof Promise) return record.then((found) => this.#answer(found, content, key, parts))
    return this.#answer(record, content, key, parts)
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) await (await opening.catch(() => undefined))?.close()
    for (const reader of this.#readers) await reader.close()
  }

  #answer(
    record: Buffer | undefined,
    content: Buffer,
    key: string,
    parts: readonly PlannedPart[],
  ): FoundAnswer | NewReason | Promise<FoundAnswer | NewReason> {
    if (record === undefined) return this.#whyNew(key, parts)
    const { run, batch, attempt, ordinal } = readPlace(record)
    const named = (found: Found | undefined): FoundAnswer | NewReason => {
      if (found === undefined) return 'failed_before'
      const documents = documentsDigest(parts).toString('base64')
      // Named one by one: to spread such an object takes longer than all else that is done for a row here.
      return { content: content.toString('base64'), documents, run: found.run, batch: found.batch, line: found.line }
    }
    // Rows mostly keep their order from run to run: the file is the one of the row before.
    const last = this.#last
    if (last?.run === run && last.batch === batch && last.attempt === attempt) {
      const found = last.answers.read(ordinal)
      return found instanceof Promise ? found.then(named) : named(found)
    }
    return this.#read({ run, batch, attempt, ordinal }).then(named)
  }

  async #read(place: AnswerPlace): Promise<Found | undefined> {
    const answers = await this.#source(place)
    this.#last = answers && { ...place, answers }
    return answers?.read(place.ordinal)
  }

  #whyNew(key: string, parts: readonly PlannedPart[]): NewReason | Promise<NewReason> {
    if (this.#before === undefined) return 'new_row'
    if (this.#keys === undefined) return this.#openKeys(this.#before).then(() => this.#whyNew(key, parts))
    const record = this.#keys.find(keyDigest(key))
    if (record instanceof Promise) return record.then((found) => this.#reason(found, parts))
    return this.#reason(record, parts)
  }

  async #openKeys(before: AnsweredRun): Promise<void> {
    await keepAnswers(before)
    const { run } = before.context.header
    const name = runFiles.answers('keys')
    const { records, reader } = await openRecords(this.#artifacts, run, name, KEY_RECORD_BYTES, KEY_BYTES)
    this.#readers.push(reader)
    this.#keys = records
  }

  #reason(record: Buffer | undefined, parts: readonly PlannedPart[]): NewReason {
    if (record === undefined) return 'new_row'
    const { documents, hasSucceeded } = readKeyRecord(record)
    if (this.#changed.model) return 'model_changed'
    if (!documents.equals(documentsDigest(parts))) return 'document_changed'
    if (this.#changed.prompt) return 'prompt_changed'
    if (this.#changed.params) return 'params_changed'
    return hasSucceeded ? 'row_changed' : 'failed_before'
  }

  #source(place: AnswerPlace): Promise<OpenAnswers | undefined> {
    const name = `${place.run}/${place.batch}/${place.attempt}`
    let opening = this.#open.get(name)
    this.#open.delete(name)
    opening ??= this.#openSource(place)
    this.#open.set(name, opening)
    if (this.#open.size > OPEN_FILES) {
      const [oldest] = this.#open.keys()
      const closing = oldest === undefined ? undefined : this.#open.get(oldest)
      if (oldest !== undefined) this.#open.delete(oldest)
      void closing?.then((answers) => answers?.close())
    }
    return opening
  }

  async #openSource({ run, batch, attempt }: AnswerPlace): Promise<OpenAnswers | undefined> {
    const source = this.#runs[run]
    if (source === undefined) return undefined
    this.#used.add(source.context.header.run)
    try {
      return attempt === 0 ? await openReused(source, batch) : await openTrip(source, batch, attempt)
    } catch (error) {
      // Somebody removed the file; the question is asked again.
      if (error instanceof ArtifactMissingError) return undefined
      throw error
    }
  }
}

/**
 * Leaves out runs that asked nothing and took every answer from others that are here: what they hold is found there. When
 * one of those has been removed, they are no longer left out.
 */
function withoutRepeated(runs: readonly AnsweredRun[]): AnsweredRun[] {
  const here = new Set(runs.map(({ context }) => context.header.run))
  return runs.filter(({ context: { header } }) => {
    const isRepeated = header.requests === 0 && header.reusedFrom?.every((run) => here.has(run)) === true
    return !isRepeated
  })
}

async function openRecords(
  artifacts: ArtifactStore,
  run: RunId,
  name: string,
  size: number,
  keyBytes: number,
): Promise<{ records: SortedRecords; reader: ArtifactReader }> {
  const reader = await artifacts.open(run, name)
  return { records: await SortedRecords.open(reader, (await artifacts.size(run, name)) ?? 0, size, keyBytes), reader }
}

/** Files of answers that are open at once; each may hold 48 MB in memory. */
const OPEN_FILES = 4

/** One file of all runs' contents; of equal ones the newest run's. */
async function mergeRuns(
  artifacts: ArtifactStore,
  runs: readonly AnsweredRun[],
  scratch: string,
  name: string,
): Promise<void> {
  const files = runs.map(({ context }, run) =>
    numbered(artifacts.read(context.header.run, runFiles.answers('contents')), run),
  )
  const target = await artifacts.create(scratch, name)
  try {
    await mergeRecords(files, ANSWER_BYTES, CONTENT_BYTES, target)
    await target.commit()
  } catch (error) {
    await target.abort()
    throw error
  }
}

/** The records of one run with its number filled in. */
async function* numbered(pieces: AsyncIterable<Uint8Array>, run: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece])
    const end = bytes.length - (bytes.length % ANSWER_BYTES)
    for (let at = 0; at < end; at += ANSWER_BYTES) setRun(bytes.subarray(at, at + ANSWER_BYTES), run)
    yield bytes.subarray(0, end)
    rest = bytes.subarray(end)
  }
}

/** What of the job is no longer as it was; `before` undefined: nothing is known. */
function changesOf(before: Job | undefined, job: Job): { prompt: boolean; params: boolean; model: boolean } {
  if (before === undefined) return { prompt: false, params: false, model: false }
  const differ = (...names: (keyof Job)[]): boolean =>
    names.some((name) => canonicalJson((before[name] ?? null) as Json) !== canonicalJson((job[name] ?? null) as Json))
  return {
    model: differ('model'),
    prompt: textsOf(before) !== textsOf(job) || differ('vars', 'tools', 'output'),
    params: differ('params', 'provider'),
  }
}

/** The job's texts without their places: a line that moved is no change. */
function textsOf(job: Job): string {
  const { system, messages, partials, documents } = job
  return JSON.stringify({ system, messages, partials, documents }, (name, value: unknown) =>
    name === 'line' || name === 'column' || (name === 'file' && typeof value === 'string') ? undefined : value,
  )
}
