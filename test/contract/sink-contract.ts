import { describe, test } from 'vitest'
import { type SinkSubject, sinkContract } from '../../src/sink/contract.ts'

/** The sink contract as vitest tests. `reason`: why it cannot run on this machine. */
export function describeSink(name: string, subject: SinkSubject | { reason: string }): void {
  describe(`the ${name} sink`, () => {
    if ('reason' in subject) {
      test.skip(subject.reason)
      return
    }
    for (const { name: promise, run } of sinkContract(subject)) test(promise, run)
  })
}
