// The live API, through the official SDK: it brings headers, authentication and typed errors. It never retries here,
// because its retried create call turns one lost answer into two paid batches.

import type { Anthropic } from '@anthropic-ai/sdk'
import { RefusedError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { ResultLine } from '../../core/result.ts'
import type { BatchApi, Connection, OutgoingBatch, RemoteBatch } from '../provider.ts'
import { type ApiError, apiErrorOf, callError, isApiError, submitError } from './api-error.ts'
import { bodyOf } from './create-body.ts'
import { decode } from './decode.ts'
import { Download } from './download.ts'
import { filesApi } from './files.ts'
import { asObject, decodeBatch } from './remote-batch.ts'
import { missingResults, resultsUrl } from './results-place.ts'
import { isBroken, type UploadBody, uploadOf } from './upload.ts'
import { CURRENT_VERSION } from './version.ts'

const BATCHES = '/v1/messages/batches'
const COUNT = '/v1/messages/count_tokens'
/** The parts of a body that have tokens, or that say how they are counted; counting takes no others. */
const COUNTED = ['model', 'system', 'messages', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control']
/** The most that one page of the list holds. */
const PAGE = 1000
/** The upload watches its own progress; this is only the last resort. */
const UPLOAD_WITHIN_MS = 6 * 3600 * 1000

export function connect(connection: Connection): BatchApi {
  let opening: Promise<Anthropic> | undefined
  const client = (): Promise<Anthropic> => {
    opening ??= openClient(connection)
    return opening
  }
  const pathOf = (id: string): string => `${BATCHES}/${encodeURIComponent(id)}`

  async function get(path: string, signal: AbortSignal, query?: Record<string, unknown>): Promise<unknown> {
    return await attempt(
      signal,
      async (own) => await (await client()).get(path, { signal: own, ...(query ? { query } : {}) }),
    )
  }

  /** undefined: the API, and not some proxy, says that there is no such thing. */
  async function getOrAbsent(path: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await get(path, signal)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async function retrieve(id: string, signal: AbortSignal): Promise<RemoteBatch | undefined> {
    const value = await getOrAbsent(pathOf(id), signal)
    return value === undefined ? undefined : decodeBatch(value)
  }

  return {
    async submit(batch, signal) {
      return await submit(await client(), batch, signal)
    },

    async *list(signal) {
      for (let after: string | undefined; ; ) {
        const page = asObject(await get(BATCHES, signal, { limit: PAGE, ...(after ? { after_id: after } : {}) }))
        if (!Array.isArray(page.data)) throw new Error('The list of batches came without its data.')
        for (const batch of page.data) yield decodeBatch(batch)
        if (page.has_more !== true || typeof page.last_id !== 'string' || page.last_id === after) return
        after = page.last_id
      }
    },

    retrieve,

    async results(id, signal) {
      const batch = await retrieve(id, signal)
      if (batch === undefined) throw new Error(`The provider does not know the batch ${id}.`)
      const url = resultsUrl(batch, connection.baseUrl, Date.now())
      const headers = { accept: 'application/binary' }
      const download = new Download(`the results of ${id}`)
      // It ends the body too, which comes after the call.
      const own = ownSignal(signal)
      try {
        const downloader = (await client()).withOptions({ fetch: download.fetch })
        await attempt(own.signal, () => downloader.get(url, { signal: own.signal, headers }).asResponse())
        return whole(download.pieces(), own.release)
      } catch (error) {
        own.release()
        throw isNotFound(error) ? missingResults(batch, Date.now(), error) : error
      }
    },

    async cancel(id, signal) {
      await attempt(signal, async (own) => await (await client()).post(`${pathOf(id)}/cancel`, { signal: own }))
    },

    async delete(id, signal) {
      await attempt(signal, async (own) => await (await client()).delete(pathOf(id), { signal: own }))
    },

    async send(customId, body, signal) {
      return await send(await client(), customId, body, signal)
    },

    async hasModel(id, signal) {
      return (await getOrAbsent(`/v1/models/${encodeURIComponent(id)}`, signal)) !== undefined
    },

    async countTokens(body, signal) {
      const asked = Object.fromEntries(COUNTED.flatMap((name) => (name in body ? [[name, body[name]]] : [])))
      const counted = await attempt(signal, async (own) => (await client()).post(COUNT, { body: asked, signal: own }))
      const answer = asObject(counted)
      if (typeof answer.input_tokens !== 'number') throw new Error('The count of tokens came without a number.')
      return answer.input_tokens
    },

    files: filesApi({
      post: async (path, body, contentType, signal) => streamed(await client(), path, body, contentType, signal),
      get: (path, query, signal) =>
        attempt(signal, async (own) => (await client()).get(path, { signal: own, query }).withResponse()),
      async delete(path, signal) {
        const removed = attempt(signal, async (own) => await (await client()).delete(path, { signal: own }))
        await removed.catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
      },
    }),
  }
}

async function openClient({ baseUrl, apiKey, headers, betas, version }: Connection): Promise<Anthropic> {
  const { default: Sdk } = await import('@anthropic-ai/sdk')
  const given = new Headers(headers)
  const allBetas = [given.get('anthropic-beta'), ...betas].filter((beta) => beta !== null && beta !== '')
  return new Sdk({
    apiKey,
    baseURL: baseUrl,
    maxRetries: 0,
    // At the level `debug` it would print whole prompts, whatever the environment asks for.
    logLevel: 'off',
    openTelemetry: false,
    defaultHeaders: {
      ...Object.fromEntries(given),
      ...(allBetas.length === 0 ? {} : { 'anthropic-beta': allBetas.join(',') }),
      'anthropic-version': version ?? CURRENT_VERSION,
    },
  })
}

function submit(client: Anthropic, batch: OutgoingBatch, signal: AbortSignal): Promise<RemoteBatch> {
  const body = { label: batch.label, bytes: batch.bytes, open: () => bodyOf(batch) }
  return streamed(client, BATCHES, body, 'application/json', signal).then(decodeBatch)
}

/** Posts a body that is made while it is sent. Throws as `submit` does. */
async function streamed(
  client: Anthropic,
  path: string,
  body: UploadBody,
  contentType: string,
  signal: AbortSignal,
): Promise<unknown> {
  const upload = uploadOf(body)
  let failure: { readonly error: unknown } | undefined
  const uploader = client.withOptions({
    timeout: UPLOAD_WITHIN_MS,
    fetch: async (url, init) => {
      try {
        return await upload(url, init)
      } catch (error) {
        // Kept aside, because the SDK's own error would not say how far it came.
        failure = { error }
        throw error
      }
    },
  })
  const headers = { 'content-type': contentType, 'content-length': String(body.bytes) }
  const own = ownSignal(signal)
  try {
    // The body is a placeholder: what is sent comes from `body.open`.
    return await uploader.post(path, { body: new Uint8Array(0), headers, signal: own.signal })
  } catch (error) {
    signal.throwIfAborted()
    // What the body's own reading threw, such as a document that changed, is passed on as it is.
    if (failure !== undefined && !isBroken(failure.error)) throw failure.error
    throw submitError(failure?.error ?? error)
  } finally {
    own.release()
  }
}

/** A refusal of the one request is its answer; one of the key or the account is thrown. */
async function send(client: Anthropic, customId: string, body: JsonObject, signal: AbortSignal): Promise<ResultLine> {
  const own = ownSignal(signal)
  try {
    const message = asObject(await client.post('/v1/messages', { body, signal: own.signal }))
    const usage = isJsonObject(message.usage) ? message.usage : {}
    // A realtime answer costs the list price, also where a server does not say so.
    const priced = { ...message, usage: { ...usage, service_tier: usage.service_tier ?? 'standard' } }
    return decode({ custom_id: customId, result: { type: 'succeeded', message: priced } })
  } catch (error) {
    signal.throwIfAborted()
    const thrown = callError(error)
    if (apiErrorOf(error) === undefined || thrown instanceof RefusedError) throw thrown
    const envelope = (error as ApiError).error as JsonObject
    return decode({ custom_id: customId, result: { type: 'errored', error: envelope } })
  } finally {
    own.release()
  }
}

async function attempt<T>(signal: AbortSignal, call: (own: AbortSignal) => Promise<T>): Promise<T> {
  const own = ownSignal(signal)
  try {
    return await call(own.signal)
  } catch (error) {
    signal.throwIfAborted()
    throw callError(error)
  } finally {
    own.release()
  }
}

/** A signal for one call: the SDK listens to what it is given for ever, and a run makes thousands of calls. */
function ownSignal(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const own = new AbortController()
  const abort = (): void => own.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return { signal: own.signal, release: () => signal.removeEventListener('abort', abort) }
}

async function* whole(pieces: AsyncIterable<Uint8Array>, release: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } finally {
    release()
  }
}

function isNotFound(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return isApiError(cause) && cause.status === 404 && apiErrorOf(cause) !== undefined
}
