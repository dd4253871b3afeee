// What a program that imports batchwright may use, on one page: runs, the emulator, and sinks and sources of one's own.

import { resolve } from 'node:path'
import { driveRun } from './app/drive.ts'
import { exportOutcomes } from './app/export.ts'
import { type HereOptions, surroundingsHere } from './app/here.ts'
import { loadJobFile } from './app/jobs.ts'
import { openForJob, openHere } from './app/open.ts'
import { planJob } from './app/plan-run.ts'
import { findRun } from './app/runs.ts'
import { startRun as start } from './app/start-run.ts'
import { parseYamlText } from './app/yaml.ts'
import type { Estimate } from './core/estimate.ts'
import type { Job, Select } from './core/job.ts'
import type { SinkReport } from './core/run.ts'
import type { Emulator, EmulatorOptions } from './emulator/emulator.ts'
import { startEmulator as startServer } from './emulator/start.ts'
import type { RunSummary } from './run/summary.ts'

export type { HereOptions } from './app/here.ts'
export type { CacheHits } from './core/cache-hits.ts'
export type { JsonSchema } from './core/component.ts'
export { type Problem, UserError } from './core/errors.ts'
export type { Estimate } from './core/estimate.ts'
export type { Job, Select } from './core/job.ts'
export type { Json, JsonObject } from './core/json.ts'
export type { Outcome, Status } from './core/result.ts'
export type { SinkReport } from './core/run.ts'
export type { Emulator, EmulatorOptions } from './emulator/emulator.ts'
export type { Notice } from './run/ports.ts'
export type { BatchSummary, Receipt, RunSummary } from './run/summary.ts'
export { type ContractCase, type SinkPlace, type SinkSubject, sinkContract } from './sink/contract.ts'
export { defineSink, type SinkDefinition } from './sink/define.ts'
export type { PartId, Sink, SinkContext, SinkPart, SinkWriter } from './sink/sink.ts'
export { type SourceCase, type SourcePlace, type SourceSubject, sourceContract } from './source/contract.ts'
export { defineSource, type SourceCall, type SourceDefinition, type SourceRows } from './source/define.ts'

/** How a job file is read and planned, as the options of the command line say it. */
export interface JobOptions extends HereOptions {
  /** Use the built-in emulator: no key, no cost, simulated answers. */
  readonly local?: boolean
  /** Template variables, as `--var`. */
  readonly vars?: Readonly<Record<string, string>>
  /** Keys of the job, as `--set`: `batch.max_requests=500`. */
  readonly set?: readonly string[]
  /** Only the first so many rows. */
  readonly limit?: number
}

/** How a run goes on. */
export interface ResumeOptions extends HereOptions {
  /** Collect what has ended, submit what is due, and leave instead of waiting for the rest. */
  readonly detach?: boolean
  /** USD that the run may spend, in place of the job's budget. */
  readonly maxUsd?: number
  /** After exit code 5: batches of the run by their index, each with the provider's id of the batch that it is. */
  readonly adopt?: Readonly<Record<number, string>>
  /** After exit code 5: indices of batches that surely never reached the provider, to be sent again. */
  readonly resubmit?: readonly number[]
}

/** What a job would send. */
export interface Plan {
  readonly rows: number
  readonly requests: number
  /** Rows that failed their check, the first 10,000 of them; with `on_rejected: stop` a run of this plan would refuse to start. */
  readonly rejected: readonly { readonly key: string; readonly reason: string }[]
  readonly batches: readonly { readonly requests: number; readonly bytes: number }[]
  readonly estimate: Estimate
}

/** How a run was left. */
export interface RunEnd {
  /** As the command line would exit: 0, or 3 where rows did not succeed; else `message` says why it stopped. */
  readonly exitCode: 0 | 1 | 3 | 4 | 5 | 130
  readonly summary: RunSummary
  readonly message: string | undefined
}

/** Reads and checks a job file. Throws UserError with everything that is wrong, each problem with its place. */
export async function loadJob(file: string, options: JobOptions = {}): Promise<Job> {
  return (await load(file, options)).loaded.job
}

/** The dry run: every row is rendered and checked; nothing is sent and nothing is kept. Throws UserError. */
export async function planRun(file: string, options: JobOptions = {}): Promise<Plan> {
  const { loaded, surroundings } = await load(file, options)
  const workspace = await openForJob(surroundings, loaded)
  try {
    const { header, rejected } = await planJob(workspace, loaded.job, { local: options.local === true, full: true })
    await workspace.artifacts.removeRun(header.run)
    const { rows, requests, estimate } = header
    const batches = header.batches
      .filter((batch) => batch.requests > 0)
      .map(({ requests, bytes }) => ({ requests, bytes }))
    return { rows, requests, rejected: rejected.map(({ key, reason }) => ({ key, reason })), batches, estimate }
  } finally {
    await workspace.close()
  }
}

/**
 * Plans, submits, waits, collects, delivers; goes on with the job's unfinished run where its plan is unchanged.
 * Throws UserError, with nothing sent, for what is wrong with the job or its data.
 */
export async function startRun(
  file: string,
  options: JobOptions & { readonly isNew?: boolean; readonly detach?: boolean } = {},
): Promise<RunEnd> {
  const { loaded, surroundings } = await load(file, options)
  const workspace = await openForJob(surroundings, loaded)
  try {
    const { local = false, isNew = false, detach = false } = options
    return await start(workspace, loaded.job, { local, isNew, detach })
  } finally {
    await workspace.close()
  }
}

/** Goes on with an unfinished run, by its id or its job's name; the latest where none is named. The job file is not read. */
export async function resumeRun(run?: string, options: ResumeOptions = {}): Promise<RunEnd> {
  const workspace = await openHere(surroundingsHere(options), options)
  try {
    const header = await findRun(workspace, run, { unfinished: true })
    const { detach = false, maxUsd, adopt = {}, resubmit = [] } = options
    const decisions = new Map<number, string | undefined>(resubmit.map((index) => [index, undefined]))
    for (const [index, id] of Object.entries(adopt)) decisions.set(Number(index), id)
    const budget = maxUsd === undefined ? {} : { maxUsd }
    return await driveRun(workspace, header, { detach, ...budget, cancel: false, retry: false, decisions })
  } finally {
    await workspace.close()
  }
}

/** Writes what is settled so far to a path or URL, as `batchwright export --to`; also while the run goes on. */
export async function exportRun(
  run: string | undefined,
  to: string,
  options: HereOptions & { readonly select?: Select } = {},
): Promise<SinkReport> {
  const workspace = await openHere(surroundingsHere(options), options)
  try {
    return await exportOutcomes(workspace, await findRun(workspace, run), to, options.select ?? 'succeeded')
  } finally {
    await workspace.close()
  }
}

/** Serves the local Message Batches API, by default on a free port of the loopback interface. Throws UserError. */
export function startEmulator(
  options: Pick<EmulatorOptions, 'stateDir'> & Partial<EmulatorOptions>,
): Promise<Emulator> {
  const defaults = {
    port: 0,
    host: '127.0.0.1',
    answers: 'extract',
    batchSeconds: 1,
    order: 'shuffled',
    seed: 0,
  } as const
  return startServer({ ...defaults, parseYaml: parseYamlText, ...options, stateDir: resolve(options.stateDir) })
}

async function load(file: string, options: JobOptions) {
  const { root, store, limit, vars = {}, set = [], local = false } = options
  const surroundings = surroundingsHere(options)
  const flags = {
    ...(root === undefined ? {} : { root }),
    ...(store === undefined ? {} : { store }),
    ...(limit === undefined ? {} : { limit }),
  }
  return { loaded: await loadJobFile(surroundings, file, { ...flags, vars, set, local }), surroundings }
}
