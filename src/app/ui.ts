// The local page over the runs of a project.

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, UserError } from '../core/errors.ts'
import type { RunHeader } from '../core/run.ts'
import { isRunId } from '../core/run-id.ts'
import type { RunView } from '../report/run-view.ts'
import { readStates } from '../run/desk.ts'
import { rowTranscript } from '../run/transcript.ts'
import { startUi, type UiServer } from '../ui/serve.ts'
import type { RowView, UiData } from '../ui/ui.ts'
import { contextOf } from './bind.ts'
import { keepLines } from './row-lines.ts'
import { runView } from './run-view.ts'
import { allRuns, readHeader } from './runs.ts'
import { documentBytes, documentView, rowDocuments } from './ui-documents.ts'
import { findOutcomes } from './ui-outcomes.ts'
import type { Workspace } from './workspace.ts'

/** Serves until it is closed; with `localOnly` the list has simulated runs alone. Throws when the port is taken. */
export async function serveUi(
  workspace: Workspace,
  options: { port: number; host: string; localOnly: boolean },
): Promise<UiServer> {
  const { clock, notify } = workspace.surroundings
  const stop = new AbortController()
  const failed = (error: unknown): void => notify({ type: 'warning', text: `ui: ${messageOf(error)}` })
  const { port, host, localOnly } = options
  const server = await startUi({
    port,
    host,
    token: randomBytes(24).toString('base64url'),
    data: uiData(workspace, localOnly, stop.signal, failed),
    now: clock.now,
    failed,
  })
  return {
    url: server.url,
    async close() {
      stop.abort()
      await server.close()
    },
  }
}

/** @param failed hears when the lines of a run cannot be kept: then they are made for every look */
export function uiData(
  workspace: Workspace,
  localOnly: boolean,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): UiData {
  const indexing = new Set<string>()
  let looking = 0

  /** Those who wait for a page go first. */
  const mayGoOn = async (): Promise<void> => {
    do await pause(looking > 0 ? 20 : 0)
    while (looking > 0 && !signal.aborted)
    signal.throwIfAborted()
  }
  const headerOf = async (run: string): Promise<RunHeader | undefined> =>
    isRunId(run) ? readHeader(workspace, run) : undefined

  /** Prepares a run's finished batches for searching, one after the other, while pages are shown. */
  const index = async (header: RunHeader): Promise<void> => {
    if (indexing.has(header.run)) return
    indexing.add(header.run)
    try {
      // Another page over the same project may be at it: then its lines are found here, too.
      const lock = await workspace.store.lock(`${header.run}.index`)
      try {
        await keepAll(workspace, header, mayGoOn)
      } finally {
        await lock.release()
      }
      // A run that goes on has more of them later.
      indexing.delete(header.run)
    } catch (error) {
      if (error instanceof UserError) indexing.delete(header.run)
      else if (!signal.aborted) failed(error)
    }
  }

  return {
    async runs(limit) {
      const headers = (await allRuns(workspace)).filter((header) => header.local || !localOnly)
      const runs: RunView[] = []
      for (const header of headers.slice(0, limit)) runs.push(await runView(workspace, header))
      return { runs, total: headers.length }
    },
    async run(run) {
      const header = await headerOf(run)
      return header === undefined ? undefined : runView(workspace, header)
    },
    async outcomes(run, query) {
      const header = await headerOf(run)
      if (header === undefined) return undefined
      const context = contextOf(workspace, header)
      looking += 1
      try {
        return await findOutcomes(context, await readStates(context), query, workspace.surroundings.clock.now)
      } finally {
        looking -= 1
        void index(header)
      }
    },
    async row(run, batch, key) {
      const header = await headerOf(run)
      return header === undefined ? undefined : readRow(workspace, header, batch, key)
    },
    async document(run, batch, key, at) {
      const header = await headerOf(run)
      if (header === undefined) return undefined
      const context = contextOf(workspace, header)
      const ref = (await rowDocuments(context, batch, key))[at]
      return ref === undefined ? undefined : documentBytes(context, ref)
    },
  }
}

async function keepAll(workspace: Workspace, header: RunHeader, mayGoOn: () => Promise<void>): Promise<void> {
  const context = contextOf(workspace, header)
  const states = await readStates(context)
  for (const batch of header.batches) {
    const state = states[batch.index]
    if (state !== undefined) await keepLines(context, batch, state, mayGoOn)
  }
}

async function readRow(
  workspace: Workspace,
  header: RunHeader,
  batch: number | undefined,
  key: string,
): Promise<RowView | undefined> {
  const context = contextOf(workspace, header)
  const batches = header.batches.filter(({ index }) => batch === undefined || index === batch)
  const narrow = { ...context, header: { ...header, batches } }
  const found = await rowTranscript(narrow, await readStates(context), key)
  if (found === undefined) return undefined
  const { index } = found.batch
  const documents = []
  for (const ref of await rowDocuments(context, index, key)) documents.push(await documentView(context, ref))
  return {
    run: header.run,
    key,
    batch: index,
    outcome: found.outcome,
    rounds: found.rounds.map((round) => {
      return { ...round, said: round.result === null ? null : context.provider.decode(round.result).result }
    }),
    documents,
  }
}
