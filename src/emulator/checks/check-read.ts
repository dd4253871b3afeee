// What can only be said once documents and images have been read: too many pages, too many images, too long altogether.

import type { Asked } from '../answers/asked.ts'
import { inputTokens } from '../answers/tokens.ts'
import { invalidRequest } from '../api-error.ts'
import type { ModelFacts } from '../models.ts'

/** Throws ApiError. */
export function checkRead(asked: Asked, model: ModelFacts): void {
  // Models with a small context take fewer pages and images.
  const most = model.contextTokens > 200_000 ? 600 : 100
  let pages = 0
  let images = 0
  let characters = 0
  for (const part of asked.parts) {
    if (part.document?.kind === 'pdf') pages += part.document.pages.length
    if (part.imageTokens !== undefined) images++
    characters += part.text.length
  }
  if (pages > most) throw invalidRequest(`A maximum of ${most} PDF pages may be provided.`)
  if (images > most) throw invalidRequest(`Too many images: ${images} > ${most} maximum`)
  // Counting is only worth its time where it could be too much: no rule makes more than a token of a character's byte.
  if (pages === 0 && images === 0 && characters * 2 < model.contextTokens) return
  const tokens = inputTokens(asked, model)
  if (tokens > model.contextTokens) {
    throw invalidRequest(`prompt is too long: ${tokens} tokens > ${model.contextTokens} maximum`)
  }
}
