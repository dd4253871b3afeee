/** An outcome that can be written as JSON without being made first. */
export interface OutcomeText {
  /** Bytes that it takes at most. */
  readonly most: number
  /** Writes one JSON object in UTF-8, without a newline: what JSON.stringify makes of the outcome, or an equal text. Answers where it ends. */
  write(into: Buffer, at: number): number
}
