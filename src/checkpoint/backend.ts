// From a store's URL to the kind of store behind it.

import { isAbsolute, resolve } from 'node:path'
import { UserError } from '../core/errors.ts'
import { openSqlite } from '../disk/sqlite.ts'
import type { Backend } from './adapter.ts'
import { type IsAlive, isHolderAlive, type ProcessInfo } from './holder.ts'
import { createFileLocks, type LockContext } from './lock.ts'
import { openMemoryBackend } from './memory.ts'
import { openPostgresBackend } from './postgres.ts'
import { openRedisBackend } from './redis.ts'
import { createSqliteAdapter } from './sqlite-adapter.ts'

export interface BackendContext {
  /** Absolute path of the project root. */
  readonly root: string
  readonly processInfo: ProcessInfo
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whether a process of this host still lives; the default asks the operating system. */
  readonly isAlive?: IsAlive
}

const FORMS = ['sqlite:PATH', 'memory:', 'redis://HOST:PORT', 'rediss://HOST:PORT', 'postgres://HOST:PORT/DATABASE']

export async function openBackend(url: string, context: BackendContext): Promise<Backend> {
  const { processInfo, now, isAlive = isHolderAlive } = context
  const lockContext = { processInfo, now, isAlive }
  const scheme = /^([a-z+]+):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'sqlite':
      return openSqliteBackend(url, context.root, lockContext)
    case 'memory':
      return openMemoryBackend(lockContext)
    case 'redis':
    case 'rediss':
      return await openRedisBackend(url, withoutPassword(url), lockContext)
    case 'postgres':
    case 'postgresql':
      return await openPostgresBackend(url, withoutPassword(url), lockContext)
    default:
      throw new UserError({
        message: `"${withoutPassword(url)}" is no store. Allowed are ${FORMS.join(', ')}.`,
        hint: 'Leave "store" out to use sqlite:.batchwright/state.db.',
      })
  }
}

function openSqliteBackend(url: string, root: string, context: LockContext): Backend {
  const path = url.replace(/^sqlite:(\/\/)?/i, '')
  if (path === '') {
    throw new UserError({
      message: `The store "${url}" names no file.`,
      hint: 'Write for instance sqlite:.batchwright/state.db.',
    })
  }
  const database = openSqlite(isAbsolute(path) ? path : resolve(root, path))
  const locks = createFileLocks(resolve(root, '.batchwright/locks'), context)
  return { url: `sqlite:${path}`, adapter: createSqliteAdapter(database), locks }
}

/** The URL as it may be shown: scheme, user, host and path. What cannot be told apart from a password is left out. */
export function withoutPassword(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? ''
  if (!URL.canParse(url)) return /[@?]/.test(url) ? `${scheme}…` : url
  const { protocol, username, host, pathname } = new URL(url)
  if (pathname.includes('@')) return `${scheme}…`
  return host === ''
    ? `${protocol}${pathname}`
    : `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`
}
