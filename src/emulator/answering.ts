// Who answers, by the answer mode: a mode of our own while results are written, or an upstream beforehand.

import { UserError } from '../core/errors.ts'
import { Answerer } from './answers/answerer.ts'
import { DocumentReader } from './answers/documents.ts'
import type { RequestAnswerer } from './answers/line.ts'
import { modeOf } from './answers/modes.ts'
import { ApiError, notFound } from './api-error.ts'
import type { EmulatorOptions } from './emulator.ts'
import type { FaultList } from './faults/fault-list.ts'
import type { KeyHeader } from './http/headers.ts'
import { answeredNow } from './processing/line-source.ts'
import type { Processing } from './processing/process-batch.ts'
import type { BatchStore } from './state/batch-store.ts'
import type { Clock } from './state/clock.ts'
import type { FileStore } from './state/file-store.ts'
import type { History } from './state/history.ts'
import { Asker } from './upstream/asker.ts'
import { UpstreamAnswerer } from './upstream/upstream-answerer.ts'
import { UpstreamClient } from './upstream/upstream-client.ts'

const UPSTREAM = 'upstream:'

export interface Answering {
  readonly answerer: RequestAnswerer
  readonly openLines: Processing['openLines']
  readonly asker: Asker | undefined
  keySeen(key: KeyHeader): void
}

export interface AnsweringWorld {
  readonly store: BatchStore
  readonly files: FileStore
  readonly history: History
  readonly clock: Clock
  readonly faults: FaultList
  readonly failed: (error: unknown) => void
}

/** Throws UserError for an answer mode that there is not. */
export async function openAnswering(options: EmulatorOptions, world: AnsweringWorld): Promise<Answering> {
  const { answers, seed, batchSeconds } = options
  const { store, history, clock, faults } = world
  if (!(batchSeconds >= 0)) throw new UserError(`The batch seconds must be a number from 0; they are ${batchSeconds}.`)
  const documents = new DocumentReader((id) => bytesOfFile(world.files, clock, id))
  if (!answers.startsWith(UPSTREAM)) {
    const mode = await modeOf(answers)
    const answerer = new Answerer({ mode, documents, faults, seed, now: () => clock.now() })
    return {
      answerer,
      openLines: async (batch, index) => answeredNow(batch, index, { store, history, answerer, batchSeconds }),
      asker: undefined,
      keySeen: () => undefined,
    }
  }
  const client = new UpstreamClient(answers.slice(UPSTREAM.length))
  const answerer = new UpstreamAnswerer(client, faults, documents)
  const asker = new Asker({ ...world, client, answerer })
  return {
    answerer,
    openLines: (batch) => asker.openLines(batch),
    asker,
    keySeen(key) {
      const isFirst = !client.hasKey
      client.useKey(key)
      if (isFirst) asker.look()
    },
  }
}

/** Throws ApiError: there is none of this id, or it has expired. */
async function bytesOfFile(files: FileStore, clock: Clock, id: string): Promise<{ bytes: Buffer; mediaType: string }> {
  const file = files.find(id)
  if (file === undefined) throw notFound(`File not found: ${id}`)
  if (file.expiresAtMs !== null && file.expiresAtMs <= clock.now()) {
    throw new ApiError(404, 'not_found_error', `File ${id} has expired.`, { details: { error_code: 'file_expired' } })
  }
  return { bytes: await files.read(file), mediaType: file.mediaType }
}
