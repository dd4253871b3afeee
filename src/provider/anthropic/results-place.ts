// Where a batch's results are, and why they are not there.

import { type RemoteBatch, ResultsElsewhereError, ResultsGoneError } from '../provider.ts'

/** Results are kept for 29 days after the batch was created. */
const KEPT_MS = 29 * 24 * 3600 * 1000

/** Where the results are. The API names the URL itself, and the key goes only to the host that the job knows. */
export function resultsUrl(batch: RemoteBatch, baseUrl: string, now: number): string {
  const url = batch.raw.results_url
  if (typeof url !== 'string') {
    throw isGone(batch, now) ? gone(batch) : new Error(`The results of ${batch.id} are not there yet.`)
  }
  const { host, protocol } = new URL(baseUrl)
  const named = new URL(url, baseUrl)
  if (named.host !== host || named.protocol !== protocol) {
    throw new ResultsElsewhereError(
      `The results of ${batch.id} are said to be at ${named.origin}, but the provider is ${protocol}//${host}; the key is not sent there. ` +
        'A gateway has to put its own address into "results_url". If your batches really are there, set provider.base_url to it for the next run.',
    )
  }
  return named.href
}

/** The error for a results file that the API says is not there. */
export function missingResults(batch: RemoteBatch, now: number, cause: unknown): Error {
  if (isGone(batch, now)) return gone(batch, cause)
  return new Error(`The results of ${batch.id} are not there yet, although it has ended.`, { cause })
}

function isGone({ raw, createdAt }: RemoteBatch, now: number): boolean {
  return typeof raw.archived_at === 'string' || now - createdAt > KEPT_MS
}

function gone({ id, createdAt }: RemoteBatch, cause?: unknown): ResultsGoneError {
  const day = new Date(createdAt).toISOString().slice(0, 10)
  const message = `The results of ${id} no longer exist: the provider keeps them for 29 days, and it was created on ${day}.`
  return new ResultsGoneError(message, { cause })
}
