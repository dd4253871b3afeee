import type { PlainAnswer } from '../provider.ts'

/** What a line says; 0: nothing yet. */
export class Found implements PlainAnswer {
  alike: object = this
  idStart = 0
  idEnd = 0
  textStart = 0
  textEnd = 0
  modelStart = 0
  modelEnd = 0
  stopStart = 0
  stopEnd = 0
  regionStart = 0
  regionEnd = 0
  inputTokens = 0
  outputTokens = 0
  cacheReadInputTokens = 0
  cacheCreationInputTokens = 0
  cacheCreation1hInputTokens = 0

  forget(): void {
    this.idStart = 0
    this.textStart = 0
    this.modelStart = 0
    this.stopStart = 0
    this.regionStart = 0
    this.regionEnd = 0
    this.inputTokens = 0
    this.outputTokens = 0
    this.cacheReadInputTokens = 0
    this.cacheCreationInputTokens = 0
    this.cacheCreation1hInputTokens = 0
  }
}
