// A batch that a provider took twice, as it is stored, shown as JSON and told in words.

import { counted } from './phrase.ts'

/** A batch at the provider beside one of ours, from a create call that was over without an answer. */
export interface SurplusBatch {
  readonly batch_id: string
  /** Which batch of the run it repeats, on which attempt, and under which id that one was collected; null: not known. */
  readonly index: number
  readonly attempt: number
  readonly besides: string | null
  readonly requests: number
  /** ISO 8601. */
  readonly created_at: string
  /** True: its custom_ids are those of the run. False: it was running when we looked, and nobody can tell. */
  readonly is_ours: boolean
}

/** What a person has to know of it, and can do. */
export function surplusWords(run: string, surplus: SurplusBatch): string {
  const { batch_id: id, index, attempt, besides, requests, created_at: createdAt, is_ours: isOurs } = surplus
  const what = `${id} (${counted(requests, 'request')}, created ${createdAt})`
  const ours = `batch ${index}${attempt === 1 ? '' : `, attempt ${attempt},`}${besides === null ? '' : ` (${besides})`}`
  return isOurs
    ? `Paid twice: ${what} holds the same requests as ${ours}. Run ${run} sent them once, the call was cut off without an answer, and the provider has both. What this one answered is billed as well, and is not used; batchwright batches results ${id} shows it.`
    : `${what} may be a second copy of ${ours}: it has as many requests and was created while that one was submitted without an answer. It was still running, so nobody can tell. If nobody else in your workspace started it, cancel it: batchwright batches cancel ${id}`
}
