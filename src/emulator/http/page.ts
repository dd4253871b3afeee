// Pages of a list, newest first, in both directions.

import { invalidRequest } from '../api-error.ts'

export interface PageQuery {
  readonly limit: number
  readonly afterId?: string
  readonly beforeId?: string
}

export interface Page<T> {
  readonly data: readonly T[]
  readonly has_more: boolean
  readonly first_id: string | null
  readonly last_id: string | null
}

/** Throws ApiError for a limit that is not a whole number from 1 to 1,000. */
export function readPageQuery(query: URLSearchParams): PageQuery {
  const afterId = query.get('after_id')
  const beforeId = query.get('before_id')
  if (afterId && beforeId) throw invalidRequest('Only one of before_id and after_id may be given.')
  return {
    limit: readLimit(query.get('limit')),
    ...(afterId ? { afterId } : {}),
    ...(beforeId ? { beforeId } : {}),
  }
}

export function readLimit(text: string | null): number {
  if (text === null || text === '') return 20
  if (!/^[+-]?\d+$/.test(text)) {
    throw invalidRequest('limit: Input should be a valid integer, unable to parse string as an integer')
  }
  const limit = Number(text)
  if (limit < 1) throw invalidRequest('limit: Input should be greater than or equal to 1')
  if (limit > 1000) throw invalidRequest('limit: Input should be less than or equal to 1000')
  return limit
}

/**
 * `items` newest first. `has_more` speaks of the direction that was asked for. What is not `isListed` (deleted since)
 * still serves as a cursor. Throws ApiError for an unknown one.
 */
export function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  query: PageQuery,
  isListed: (item: T) => boolean = () => true,
): Page<T> {
  let data: readonly T[]
  let hasMore: boolean
  if (query.beforeId !== undefined) {
    const newer = items.slice(0, placeOf(items, query.beforeId, 'before_id')).filter(isListed)
    data = newer.slice(-query.limit)
    hasMore = newer.length > query.limit
  } else {
    const start = query.afterId === undefined ? 0 : placeOf(items, query.afterId, 'after_id') + 1
    const older = items.slice(start).filter(isListed)
    data = older.slice(0, query.limit)
    hasMore = older.length > query.limit
  }
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

function placeOf(items: readonly { readonly id: string }[], id: string, name: string): number {
  const place = items.findIndex((item) => item.id === id)
  if (place < 0) throw invalidRequest(`${name}: "${id}" is not an id of this list`)
  return place
}
