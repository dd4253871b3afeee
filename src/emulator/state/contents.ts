// What the requests of a batch asked and how each ended: 33 bytes a request, in sent order.

export const OUTCOMES = ['succeeded', 'errored', 'canceled', 'expired'] as const
export type OutcomeType = (typeof OUTCOMES)[number]

const RECORD = 33

export class Contents {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  static ofSize(requests: number): Contents {
    return new Contents(Buffer.alloc(requests * RECORD))
  }

  get count(): number {
    return Math.floor(this.bytes.length / RECORD)
  }

  /** `content`: of everything asked; `message`: of the first user message. 16 bytes each; absent for what was not tried. */
  set(ordinal: number, outcome: OutcomeType, digests?: { readonly content: Buffer; readonly message: Buffer }): void {
    const at = ordinal * RECORD
    this.bytes[at] = OUTCOMES.indexOf(outcome)
    digests?.content.copy(this.bytes, at + 1)
    digests?.message.copy(this.bytes, at + 17)
  }

  outcomeAt(ordinal: number): OutcomeType {
    return OUTCOMES[this.bytes[ordinal * RECORD] as number] ?? 'errored'
  }

  /** Where the digests begin in `bytes`. */
  contentAt(ordinal: number): number {
    return ordinal * RECORD + 1
  }

  messageAt(ordinal: number): number {
    return ordinal * RECORD + 17
  }

  /** Whether it was tried: canceled and expired with its batch, it was not, and its digests are zero. */
  wasTried(ordinal: number): boolean {
    return !this.bytes.subarray(ordinal * RECORD + 1, ordinal * RECORD + 33).equals(NOTHING)
  }
}

const NOTHING = Buffer.alloc(32)
