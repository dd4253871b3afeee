// Starts the local Message Batches API: state, answers, faults and HTTP meet here.

import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { openAnswering } from './answering.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { FaultList, parseFaults } from './faults/fault-list.ts'
import { createApp } from './http/app.ts'
import { batchRoutes } from './http/batch-routes.ts'
import { answerBrokenRequest } from './http/broken-request.ts'
import { emulatorRoutes } from './http/emulator-routes.ts'
import { fileRoutes } from './http/file-routes.ts'
import { messageRoutes, readParams } from './http/message-routes.ts'
import { serveWith } from './http/serve.ts'
import { Processor } from './processing/processor.ts'
import { areResultsKept, dueAtMs, type StoredBatch } from './state/batch.ts'
import { BatchStore } from './state/batch-store.ts'
import { CallCounts } from './state/calls.ts'
import { type Clock, openClock } from './state/clock.ts'
import { FileStore } from './state/file-store.ts'
import { History } from './state/history.ts'
import { disown, own, ownerOf } from './state/owner.ts'

/**
 * Resolves when it listens. Throws UserError for options that are wrong: an unknown answer mode, a faults file with
 * mistakes, a state folder that another emulator uses, a port that is taken.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { stateDir } = options
  const givenFaults = await readFaultsFile(options)
  await mkdir(stateDir, { recursive: true })
  const owner = await ownerOf(stateDir)
  if (owner !== undefined) {
    if (options.attach === true) return { url: owner, close: async () => undefined }
    throw new UserError({
      message: `Another emulator works in ${stateDir}; it listens on ${owner}.`,
      hint: 'Stop it, or give this one a folder of its own with --state.',
    })
  }
  const clock = await openClock(stateDir, options.now ?? Date.now)
  const calls = await CallCounts.open(stateDir)
  try {
    return await startOn(options, clock, calls, givenFaults)
  } catch (error) {
    await calls.close()
    throw error
  }
}

async function startOn(
  options: EmulatorOptions,
  clock: Clock,
  calls: CallCounts,
  givenFaults: Json | undefined,
): Promise<Emulator> {
  const { stateDir, seed, order, parseYaml } = options
  const faults = await FaultList.open(stateDir, seed, calls, givenFaults)
  const store = await BatchStore.open(stateDir)
  await removeArchived(store, clock)
  const files = await FileStore.open(stateDir)
  const history = await History.open(store)
  const { failed = () => undefined } = options
  const answering = await openAnswering(options, { store, files, history, clock, faults, failed })
  const due = (batch: StoredBatch) => dueAtMs(batch, options.batchSeconds)
  const processing = { store, order, seed, openLines: answering.openLines }
  const processor = new Processor({ processing, history, clock, dueAtMs: due, asker: answering.asker, failed })
  const instance = randomUUID()
  let url = ''
  const routes = [
    ...batchRoutes({ store, processor, clock, seed, dueAtMs: due }),
    ...messageRoutes(answering.answerer, clock),
    ...fileRoutes({ files, clock, seed }),
    ...emulatorRoutes({ store, history, processor, calls, faults, clock, instance, parseYaml }),
  ]
  const serve = serveWith({
    calls,
    faults,
    clock,
    seed,
    failed,
    url: () => url,
    keySeen: answering.keySeen,
    textOf: async (incoming) => answering.answerer.text(await readParams({ incoming })),
  })
  const server = createApp(routes, serve)
  server.on('clientError', (error, socket) => answerBrokenRequest(error, socket as Socket))
  url = await listen(server, options)
  await own(stateDir, url, instance)
  processor.look()
  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await processor.close()
      await calls.close()
      await disown(stateDir)
    },
  }
}

/** What the API no longer gives out takes no room; that the batches were, and what they asked, stays known. */
async function removeArchived(store: BatchStore, clock: Clock): Promise<void> {
  for (const batch of store.all) {
    if (batch.ended !== undefined && !areResultsKept(batch, clock.now())) await store.removeContents(batch.id)
  }
}

async function readFaultsFile({ faultsFile, parseYaml }: EmulatorOptions): Promise<Json | undefined> {
  if (faultsFile === undefined) return undefined
  try {
    return parseFaults(await readFile(faultsFile, 'utf8'), parseYaml)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new UserError(`The faults file ${faultsFile} does not exist.`)
  }
}

function listen(server: Server, { port, host }: EmulatorOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const hint = 'Choose another with --port, or 0 for any free one.'
      reject(new UserError({ message: `Port ${port} on ${host} is in use.`, hint }))
    })
    server.listen(port, host, () => {
      const { address, family, port: taken } = server.address() as AddressInfo
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`)
    })
  })
}
