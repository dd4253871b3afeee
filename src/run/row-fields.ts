import { InvariantError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { RequestLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { parseRowFields } from './carried.ts'
import type { RunContext } from './ports.ts'
import { readRequests } from './request-file.ts'

/** The fields of an attempt's rows. Only the plan has them, so later attempts read it in step with their own lines. */
export class RowFields {
  readonly #context: RunContext
  readonly #state: BatchState
  #planned: AsyncGenerator<RequestLine> | undefined

  constructor(context: RunContext, state: BatchState) {
    this.#context = context
    this.#state = state
  }

  /** Ask in ascending order of ordinals. */
  async of(line: RequestLine): Promise<JsonObject> {
    if (this.#state.attempt === 1) return parseRowFields(line.about)
    const { artifacts, header } = this.#context
    this.#planned ??= readRequests(artifacts, header.run, this.#state.index, 1)
    for (let next = await this.#planned.next(); !next.done; next = await this.#planned.next()) {
      if (next.value.ordinal === line.ordinal) return parseRowFields(next.value.about)
    }
    throw new InvariantError(`The plan of batch ${this.#state.index} has no row ${line.ordinal}.`)
  }

  async close(): Promise<void> {
    await this.#planned?.return(undefined)
  }
}
