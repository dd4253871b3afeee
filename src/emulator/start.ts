// Starts the local Message Batches API: state, answers, faults and HTTP meet here.

import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UserError } from '../core/errors.ts'
import { Answerer } from './answers/answerer.ts'
import { DocumentReader } from './answers/documents.ts'
import { modeOf } from './answers/modes.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { FaultList, parseFaults } from './faults/fault-list.ts'
import { createApp } from './http/app.ts'
import { batchRoutes } from './http/batch-routes.ts'
import { emulatorRoutes } from './http/emulator-routes.ts'
import { messageRoutes } from './http/message-routes.ts'
import { answerBrokenRequest, serveWith } from './http/serve.ts'
import { Processor } from './processing/processor.ts'
import { dueAtMs } from './state/batch.ts'
import { BatchStore } from './state/batch-store.ts'
import { CallCounts } from './state/calls.ts'
import { openClock } from './state/clock.ts'
import { History } from './state/history.ts'

/**
 * Resolves when it listens. Throws UserError for options that are wrong: an unknown answer mode, a faults file with
 * mistakes, a state folder that another emulator uses.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { stateDir, seed, batchSeconds, order } = options
  const mode = await modeOf(options.answers)
  const givenFaults = await readFaultsFile(options)
  await mkdir(stateDir, { recursive: true })
  const clock = await openClock(stateDir, options.now ?? Date.now)
  const calls = await CallCounts.open(stateDir)
  const faults = await FaultList.open(stateDir, seed, calls, givenFaults)
  const store = await BatchStore.open(stateDir)
  const history = await History.open(store)
  const documents = new DocumentReader(async () => undefined)
  const answerer = new Answerer({ mode, documents, faults, seed, now: () => clock.now() })
  const failed = () => undefined
  const processor = new Processor({ store, history, answerer, batchSeconds, order, seed }, clock, failed)
  let url = ''
  const routes = [
    ...batchRoutes({ store, processor, clock, seed, dueAtMs: (batch) => dueAtMs(batch, batchSeconds) }),
    ...messageRoutes(answerer, clock),
    ...emulatorRoutes({
      store,
      history,
      processor,
      calls,
      faults,
      clock,
      instance: randomUUID(),
      parseYaml: options.parseYaml,
    }),
  ]
  const server = createApp(
    routes,
    serveWith({ calls, faults, clock, seed, url: () => url, failed, keySeen: () => undefined }),
  )
  server.on('clientError', (error, socket) => answerBrokenRequest(error, socket as import('node:net').Socket))
  url = await listen(server, options)
  processor.look()
  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await processor.close()
      await calls.close()
    },
  }
}

async function readFaultsFile({ faultsFile, parseYaml }: EmulatorOptions) {
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
      reject(
        new UserError({
          message: `Port ${port} on ${host} is in use.`,
          hint: 'Choose another with --port, or 0 for any free one.',
        }),
      )
    })
    server.listen(port, host, () => {
      const { address, family, port: taken } = server.address() as AddressInfo
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`)
    })
  })
}
