// Splits the body of a create call, {"requests": [{"custom_id": …, "params": {…}}, …]}, into its requests while it
// arrives. What is wrong with its shape is what the provider says about it; what is inside `params` is not looked at.

import { bytesDigest } from './content-digest.ts'
import { DigestTable } from './digest-table.ts'
import { JsonScanner } from './json-scanner.ts'
import type { IndexedRequest } from './request-index.ts'
import type { ScanListener, ValueKind } from './scan-listener.ts'

const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/

interface Item {
  customId: string | undefined
  customIdKind: ValueKind | undefined
  params: { kind: ValueKind; start: number; end: number } | undefined
}

export class RequestSplitter {
  readonly #scanner: JsonScanner
  readonly #found: (request: IndexedRequest) => void
  readonly #maxRequests: number
  readonly #ids = new DigestTable()
  #problem: string | undefined
  #rootKind: ValueKind | undefined
  #rootKey = ''
  #listKind: ValueKind | undefined
  #inList = false
  #count = 0
  #itemKey = ''
  #item: Item | undefined

  constructor(maxRequests: number, found: (request: IndexedRequest) => void) {
    this.#maxRequests = maxRequests
    this.#found = found
    const listener: ScanListener = {
      begin: (kind, depth, at) => this.#begin(kind, depth, at),
      end: (kind, depth, at, text) => this.#end(kind, depth, at, text),
      wantsKeys: (depth) => depth === 0 || (depth === 2 && this.#item !== undefined),
      key: (depth, text) => this.#key(depth, decoded(text) ?? ''),
    }
    this.#scanner = new JsonScanner(listener)
  }

  /** Requests so far, wrong ones included. */
  get count(): number {
    return this.#count
  }

  /** The first thing wrong with the shape, in the provider's words; the rest of the body is still checked to be JSON. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Throws JsonSyntaxError. */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk)
  }

  /** Throws JsonSyntaxError when the text is not complete. */
  end(): void {
    this.#scanner.end()
    if (this.#rootKind !== 'object') this.#report('Input should be a valid dictionary')
    else if (this.#listKind === undefined) this.#report('requests: Field required')
    else if (this.#listKind !== 'array') this.#report('requests: Input should be a valid list')
    else if (this.#count === 0) this.#report('requests: List should have at least 1 item after validation, not 0')
    else if (this.#count > this.#maxRequests) {
      // Said before anything about a single request.
      this.#problem = `requests: List should have at most ${this.#maxRequests} items after validation, not ${this.#count}`
    }
  }

  #begin(kind: ValueKind, depth: number, at: number): boolean {
    if (depth === 0) this.#rootKind = kind
    else if (depth === 1 && this.#rootKey === 'requests') {
      this.#listKind = kind
      this.#inList = kind === 'array'
    } else if (this.#inList && depth === 2) {
      this.#itemKey = ''
      if (kind === 'object') this.#item = { customId: undefined, customIdKind: undefined, params: undefined }
    } else if (this.#item !== undefined && depth === 3) {
      if (this.#itemKey === 'params') this.#item.params = { kind, start: at, end: at }
      if (this.#itemKey === 'custom_id') {
        this.#item.customIdKind = kind
        return true
      }
    }
    return false
  }

  #end(kind: ValueKind, depth: number, at: number, text: string | undefined): void {
    if (this.#item !== undefined && depth === 3) {
      if (this.#itemKey === 'custom_id' && kind === 'string') this.#item.customId = decoded(text ?? '') ?? text
      if (this.#itemKey === 'params' && this.#item.params !== undefined) this.#item.params.end = at
    } else if (this.#inList && depth === 2) {
      this.#endItem(kind)
    } else if (depth === 1) this.#inList = false
  }

  #key(depth: number, name: string): void {
    if (depth === 0) {
      this.#rootKey = name
      if (name !== 'requests') this.#report(`${name}: Extra inputs are not permitted`)
      // A repeated key replaces what came before, as everywhere in JSON; its requests were found already, so it is refused.
      else if (this.#listKind !== undefined) this.#report('requests: Duplicate field')
    } else {
      this.#itemKey = name
      if (name !== 'custom_id' && name !== 'params') {
        this.#report(`requests.${this.#count}.${name}: Extra inputs are not permitted`)
      }
    }
  }

  #endItem(kind: ValueKind): void {
    const item = this.#item
    const place = `requests.${this.#count}`
    this.#count++
    this.#item = undefined
    const problem = item === undefined ? `: Input should be a valid dictionary, not ${kind}` : problemOf(item)
    if (problem !== undefined) this.#report(place + problem)
    else if (this.#count <= this.#maxRequests) this.#accept(item?.customId ?? '', item?.params ?? { start: 0, end: 0 })
  }

  #accept(customId: string, { start, end }: { start: number; end: number }): void {
    const digest = bytesDigest(Buffer.from(customId))
    if (this.#ids.get(digest) !== undefined) {
      this.#report(`requests: custom_id's must be unique within a batch. Duplicate custom_id found: ${customId}`)
    } else {
      this.#ids.set(digest, 0, 0)
      this.#found({ customId, start, length: end - start })
    }
  }

  #report(problem: string): void {
    this.#problem ??= problem
  }
}

function problemOf(item: Item): string | undefined {
  const id = item.customId
  if (item.customIdKind === undefined) return '.custom_id: Field required'
  if (id === undefined) return '.custom_id: Input should be a valid string'
  if (id === '') return '.custom_id: String should have at least 1 character'
  if (id.length > 64) return '.custom_id: String should have at most 64 characters'
  if (!CUSTOM_ID.test(id)) return ".custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"
  if (item.params === undefined) return '.params: Field required'
  return item.params.kind === 'object' ? undefined : '.params: Input should be a valid dictionary'
}

/** The string behind the raw bytes between quotes; undefined where they were cut inside an escape. */
function decoded(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw
  try {
    return JSON.parse(`"${raw}"`)
  } catch {
    return undefined
  }
}
