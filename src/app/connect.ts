// Who answers: the provider under its base URL with the key from the environment, or the emulator in this process.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Env, fillEnv } from '../core/env-text.ts'
import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { RunIdentity } from '../core/run.ts'
import type { BatchApi, Provider } from '../provider/provider.ts'
import type { LiveContext, Pace } from '../run/ports.ts'
import { Uploads, uploadScope } from '../run/uploads.ts'
import { providerOf } from './bind.ts'
import { STATE_FOLDER, type Workspace } from './workspace.ts'

export interface Connected {
  readonly api: BatchApi
  readonly identity: RunIdentity
  readonly pace: Pace
  /** True: the base URL is the provider's own, so what its Models API says counts. */
  readonly isOfficial: boolean
  close(): Promise<void>
}

/** Throws UserError when the key is missing or cannot be one. */
export async function connect(workspace: Workspace, job: Job, local: boolean): Promise<Connected> {
  const provider = providerOf(job)
  const wish = { provider: job.provider, batch: job.batch }
  return local ? connectLocal(workspace, provider, wish) : connectProvider(workspace, provider, wish)
}

/** What a run needs to upload documents; nothing where the provider takes none. */
export function uploadsOf(
  context: Pick<LiveContext, 'store' | 'folders' | 'notify'>,
  { api, identity }: Connected,
): Pick<LiveContext, 'uploads'> {
  return api.files === undefined ? {} : { uploads: new Uploads(context, api.files, uploadScope(identity)) }
}

/** The connection of a job that says nothing of its provider. Throws UserError when the key is missing. */
export async function connectBare(workspace: Workspace, provider: Provider, local: boolean): Promise<Connected> {
  const wish: Wish = {
    provider: { type: provider.type, headers: {}, betas: [] },
    batch: { pollMinMs: 5000, pollMaxMs: 60_000 },
  }
  return local ? connectLocal(workspace, provider, wish) : connectProvider(workspace, provider, wish)
}

/** What a job says of its connection. */
interface Wish {
  readonly provider: Job['provider']
  readonly batch: Pick<Job['batch'], 'pollMinMs' | 'pollMaxMs'>
}

/** How long a batch of the built-in emulator takes: long enough to see it, short enough not to wait. */
const LOCAL_BATCH_SECONDS = 0.5

async function connectLocal(workspace: Workspace, provider: Provider, job: Wish): Promise<Connected> {
  const { startEmulator } = await import('../emulator/start.ts')
  const emulator = await startEmulator({
    port: 0,
    host: '127.0.0.1',
    stateDir: join(workspace.root, STATE_FOLDER, 'emulator'),
    answers: 'extract',
    batchSeconds: LOCAL_BATCH_SECONDS,
    order: 'shuffled',
    seed: 0,
    // Another command of this project may be running on it already.
    attach: true,
  })
  const api = provider.connect({ ...connectionOf(job, {}), baseUrl: emulator.url, apiKey: 'local' })
  const identity: RunIdentity = { provider: provider.type, baseUrl: 'local', workspace: null, keyFingerprint: 'local' }
  return { api, identity, pace: paceOf(job, true), isOfficial: false, close: () => emulator.close() }
}

function connectProvider(workspace: Workspace, provider: Provider, job: Wish): Connected {
  const { env } = workspace.surroundings
  const keyName = job.provider.apiKeyEnv ?? provider.defaultApiKeyEnv
  const apiKey = env[keyName]
  if (apiKey === undefined || apiKey.trim() === '') {
    throw new UserError({
      message: `The environment variable ${keyName} is not set, so nothing can be sent to ${provider.type}.`,
      hint: `Set ${keyName} to your API key, name another variable in provider.api_key_env, or try the job without a key and without cost with --local.`,
    })
  }
  // Such a key cannot be sent at all, and the calls would fail as if the provider were out of reach.
  if (/[^\x21-\x7e]/.test(apiKey.trim())) {
    throw new UserError({
      message: `The environment variable ${keyName} holds a character that no key has, such as a space or "…".`,
      hint: `Set ${keyName} to the key alone, as the provider's console shows it.`,
    })
  }
  const baseUrl = baseUrlFor(job, provider, env)
  const api = provider.connect({ ...connectionOf(job, env), baseUrl, apiKey })
  const identity: RunIdentity = {
    provider: provider.type,
    baseUrl,
    workspace: env.ANTHROPIC_WORKSPACE_ID ?? null,
    keyFingerprint: createHash('sha256').update(apiKey).digest('hex').slice(0, 12),
  }
  return {
    api,
    identity,
    pace: paceOf(job, isLoopback(baseUrl)),
    isOfficial: baseUrl === provider.defaultBaseUrl,
    close: async () => undefined,
  }
}

/** Whether the environment has the key that the job is sent with. */
export function hasKey(job: Job, env: Env): boolean {
  return (env[job.provider.apiKeyEnv ?? providerOf(job).defaultApiKeyEnv] ?? '').trim() !== ''
}

/** Where the job's requests go; known without a key. */
export function baseUrlOf(job: Job, env: Env): string {
  return baseUrlFor(job, providerOf(job), env)
}

function baseUrlFor(job: Pick<Wish, 'provider'>, provider: Provider, env: Env): string {
  return (job.provider.baseUrl ?? env[provider.baseUrlEnv] ?? provider.defaultBaseUrl).replace(/\/+$/, '')
}

/** Headers of a job stand there as they were written; what the environment has comes in only here. */
function connectionOf(job: Wish, env: Env) {
  const { betas, version } = job.provider
  const headers = Object.fromEntries(
    Object.entries(job.provider.headers).map(([name, value]) => [name, fillEnv(value, env).text]),
  )
  return { headers, betas, ...(version === undefined ? {} : { version }) }
}

function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

/** A provider on this machine answers at once and lists a batch the moment it exists: there is nothing to be patient for. */
function paceOf(job: Wish, isNear: boolean): Pace {
  const { pollMinMs, pollMaxMs } = job.batch
  if (isNear) {
    return {
      pollMinMs: Math.min(pollMinMs, 50),
      pollMaxMs: Math.min(pollMaxMs, 1000),
      lookGraceMs: 1000,
      lookEveryMs: 250,
      skewMs: 10_000,
      backoffMinMs: 100,
      backoffMaxMs: 2000,
      patienceMs: 20_000,
    }
  }
  return {
    pollMinMs,
    pollMaxMs,
    lookGraceMs: 120_000,
    lookEveryMs: 15_000,
    skewMs: 300_000,
    backoffMinMs: 5000,
    backoffMaxMs: 300_000,
    patienceMs: 3_600_000,
  }
}
