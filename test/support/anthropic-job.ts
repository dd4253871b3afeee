import type { Job } from '../../src/core/job.ts'

/** A small valid job, with whatever a test wants to differ. */
export function jobWith(over: Partial<Job> = {}): Job {
  return {
    version: 1,
    name: 'job',
    root: '/project',
    file: 'jobs/job.yaml',
    vars: {},
    provider: { type: 'anthropic', headers: {}, betas: [] },
    model: 'claude-haiku-5-5',
    params: { max_tokens: 1024 },
    dataset: { type: 'rows', options: {} },
    documents: [],
    messages: [{ role: 'user', content: [{ text: textAt('Hello') }] }],
    partials: {},
    tools: [],
    maxRounds: 4,
    sinks: [],
    onRejected: 'stop',
    batch: {
      maxRequests: 10_000,
      maxBytes: 200_000_000,
      maxInFlight: 8,
      pollMinMs: 5000,
      pollMaxMs: 60_000,
      customId: 'readable',
    },
    retry: { maxAttempts: 3 },
    reuse: false,
    store: 'memory:',
    ...over,
  } as Job
}

export function textAt(text: string) {
  return { text, file: 'jobs/job.yaml', line: 1, column: 1 }
}
