// /v1/messages/batches and what is below it.

import { ApiError, invalidRequest, notFound } from '../api-error.ts'
import type { Processor } from '../processing/processor.ts'
import { areResultsKept, messageBatch, type StoredBatch } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import type { Clock } from '../state/clock.ts'
import { seededId } from '../state/seeded.ts'
import { discardBody } from './body.ts'
import type { Call, Reply, Route } from './call.ts'
import { pageOf, readPageQuery } from './page.ts'
import { receiveBatch } from './receive-batch.ts'

/** How long a call waits for a batch that is due but not written yet, so that small ones never seem late. */
const WAIT_MS = 250

export interface BatchWorld {
  readonly store: BatchStore
  readonly processor: Processor
  readonly clock: Clock
  readonly seed: number
  readonly dueAtMs: (batch: StoredBatch) => number
}

export function batchRoutes(world: BatchWorld): Route[] {
  const all = '/v1/messages/batches'
  const one = '/v1/messages/batches/:id'
  return [
    { method: 'POST', path: all, name: 'create', answer: (call) => create(world, call) },
    { method: 'GET', path: all, name: 'list', answer: (call) => list(world, call) },
    { method: 'GET', path: one, name: 'retrieve', answer: (call) => retrieve(world, call) },
    { method: 'DELETE', path: one, name: 'delete', answer: (call) => remove(world, call) },
    { method: 'POST', path: `${one}/cancel`, name: 'cancel', answer: (call) => cancel(world, call) },
    { method: 'GET', path: `${one}/results`, name: 'results', answer: (call) => results(world, call) },
  ]
}

async function create({ store, processor, clock, seed }: BatchWorld, call: Call): Promise<Reply> {
  const received = await receiveBatch(call.incoming, store)
  const batch = await store.accept(received.folder, (sequence) => ({
    // The same content in the same place of the same run has the same id; another content never has.
    id: seededId('msgbatch', seed, sequence, received.digest),
    sequence,
    requests: received.requests,
    bytes: received.bytes,
    maxInMemoryBytes: received.maxInMemoryBytes,
    apiVersion: call.apiVersion,
    betas: call.betas,
    createdAtMs: clock.now(),
  }))
  processor.look()
  return { body: { json: messageBatch(batch, clock.now(), call.origin) } }
}

async function list({ store, processor, clock }: BatchWorld, call: Call): Promise<Reply> {
  const query = readPageQuery(call.query)
  await processor.settled(WAIT_MS, () => [...store.open].some((batch) => processor.isDue(batch)))
  const page = pageOf([...store.all].reverse(), query, (batch) => batch.deletedAtMs === undefined)
  const nowMs = clock.now()
  return { body: { json: { ...page, data: page.data.map((batch) => messageBatch(batch, nowMs, call.origin)) } } }
}

async function retrieve(world: BatchWorld, call: Call): Promise<Reply> {
  const batch = await settledBatch(world, call)
  const nowMs = world.clock.now()
  const waitSeconds = Math.floor((world.dueAtMs(batch) - nowMs) / 1000)
  // The provider suggests 10 seconds; a batch that ends sooner here would be waited for in vain.
  const headers: Record<string, string> =
    batch.ended === undefined && waitSeconds >= 1 ? { 'retry-after': String(Math.min(10, waitSeconds)) } : {}
  return { headers, body: { json: messageBatch(batch, nowMs, call.origin) } }
}

async function results(world: BatchWorld, call: Call): Promise<Reply> {
  const batch = await settledBatch(world, call)
  if (batch.ended === undefined || !areResultsKept(batch, world.clock.now())) {
    throw new ApiError(404, 'not_found_error', `Message Batch ${batch.id} has no available results.`, {
      headers: { 'x-should-retry': 'false' },
    })
  }
  return { body: { file: world.store.fileOf(batch.id, 'results.jsonl'), mediaType: 'application/x-jsonl' } }
}

async function cancel(world: BatchWorld, call: Call): Promise<Reply> {
  await discardBody(call.incoming)
  const { id } = await settledBatch(world, call)
  const canceled = await world.store.change(id, (batch) => {
    // Not seen at the provider: what a cancel of an ended batch answers.
    if (batch.ended !== undefined) throw invalidRequest('Batches that have ended cannot be canceled.')
    return batch.cancelInitiatedAtMs === undefined ? { cancelInitiatedAtMs: world.clock.now() } : undefined
  })
  world.processor.look()
  return { body: { json: messageBatch(canceled, world.clock.now(), call.origin) } }
}

async function remove(world: BatchWorld, call: Call): Promise<Reply> {
  const { id } = await settledBatch(world, call)
  await world.store.change(id, (batch) => {
    if (batch.deletedAtMs !== undefined) throw unknownBatch(id)
    if (batch.ended === undefined) {
      throw invalidRequest('In progress batches cannot be deleted. Consider canceling the batch instead.')
    }
    return { deletedAtMs: world.clock.now() }
  })
  await world.store.removeContents(id)
  return { body: { json: { id, type: 'message_batch_deleted' } } }
}

async function settledBatch({ store, processor }: BatchWorld, call: Call): Promise<StoredBatch> {
  const id = call.params.id ?? ''
  const isLate = () => {
    const batch = store.find(id)
    return batch !== undefined && processor.isDue(batch)
  }
  await processor.settled(WAIT_MS, isLate)
  const batch = store.find(id)
  if (batch === undefined) throw unknownBatch(id)
  return batch
}

function unknownBatch(id: string): ApiError {
  return notFound(`Message Batch ${id} not found.`)
}
