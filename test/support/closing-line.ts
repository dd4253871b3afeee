import type { Reporter, TestModule } from 'vitest/node'

/** Prints `tests: 512 passed, 0 failed, 3 skipped` alone on the last line, for whoever reads a log by machine. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1
      }
      // A file that could not even be loaded has no tests and still fails the run.
      if (module.errors().length > 0) counts.failed += 1
    }
    const { passed, failed, skipped } = counts
    process.stdout.write(`\ntests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  }
}
