/** Every default of a job, written once: the schema shows them, the loader applies them. */

export const DEFAULTS = {
  version: 1,
  provider: 'anthropic',
  maxTokens: 1024,
  sampleSeed: 0,
  citations: false,
  upload: 'inline',
  handlerExport: 'default',
  handlerTimeout: '60s',
  maxRounds: 4,
  outputMode: 'structured',
  repair: 1,
  select: 'succeeded',
  onRejected: 'stop',
  batch: { maxRequests: 10_000, maxBytes: '200MB', maxInFlight: 8, poll: '5s..60s', customId: 'readable' },
  maxAttempts: 3,
  grow: 2,
  maxErrorRate: 0.5,
  reuse: false,
  store: 'sqlite:.batchwright/state.db',
} as const
