import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 3,
    // What was built is loaded as a user's Node.js loads it.
    server: { deps: { external: [/\/dist\//] } },
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
