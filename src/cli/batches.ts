// `batches …`: the provider's batches as they are.

import { batchesApi, openHere } from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { placeFlags } from './job-flags.ts'
import { count, table } from './print.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

/** Shown when no --limit is given. */
const DEFAULT_LIMIT = 20

export async function list(io: Io, _args: string[], flags: Flags): Promise<number> {
  return withApi(io, flags, async (api) => {
    const limit = flags.limit ?? DEFAULT_LIMIT
    const found = []
    if (limit > 0) {
      for await (const batch of api.list(io.signal)) {
        found.push(batch)
        if (found.length >= limit) break
      }
    }
    if (flags.json === true) await io.out(`${JSON.stringify({ batches: found.map((batch) => batch.raw) })}\n`)
    else {
      const rows = found.map((batch) => [
        batch.id,
        batch.status,
        batch.requests,
        new Date(batch.createdAt).toISOString(),
      ])
      await io.out(table([['id', 'status', 'requests', 'created'], ...rows]))
      io.err(`${count(found.length)} shown.\n`)
    }
    return 0
  })
}

export async function get(io: Io, [id = '']: string[], flags: Flags): Promise<number> {
  return withApi(io, flags, async (api) => {
    const batch = await api.retrieve(id, io.signal)
    if (batch === undefined) throw unknownBatch(id)
    await io.out(`${JSON.stringify(batch.raw, null, flags.json === true ? 0 : 2)}\n`)
    return 0
  })
}

export async function results(io: Io, [id = '']: string[], flags: Flags): Promise<number> {
  return withApi(io, flags, async (api) => {
    for await (const piece of await api.results(id, io.signal)) await io.out(piece)
    return 0
  })
}

export async function cancel(io: Io, [id = '']: string[], flags: Flags): Promise<number> {
  return withApi(io, flags, async (api) => {
    await api.cancel(id, io.signal)
    const batch = await api.retrieve(id, io.signal)
    if (flags.json === true) await io.out(`${JSON.stringify(batch?.raw ?? null)}\n`)
    else if (flags.quiet !== true) io.err(`${id} is being cancelled; what it has answered stays collectable.\n`)
    return 0
  })
}

export async function remove(io: Io, [id = '']: string[], flags: Flags): Promise<number> {
  return withApi(io, flags, async (api) => {
    await api.delete(id, io.signal)
    if (flags.json === true) await io.out(`${JSON.stringify({ id, type: 'message_batch_deleted' })}\n`)
    else if (flags.quiet !== true) io.err(`${id} and its results are deleted.\n`)
    return 0
  })
}

type Api = Awaited<ReturnType<typeof batchesApi>>['api']

async function withApi(io: Io, flags: Flags, use: (api: Api) => Promise<number>): Promise<number> {
  const workspace = await openHere(surroundingsOf(io, progressPrinter(io, flags)), placeFlags(flags))
  try {
    const connection = await batchesApi(workspace, flags.local === true)
    try {
      return await use(connection.api)
    } finally {
      await connection.close()
    }
  } finally {
    await workspace.close()
  }
}

function unknownBatch(id: string): UserError {
  return new UserError({
    message: `The provider knows no batch "${id}" for this key.`,
    hint: 'batchwright batches list shows those of this workspace; another key may belong to another workspace.',
  })
}
