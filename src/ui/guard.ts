// Who may ask: only a browser that was given the token, and that asks this server by a name of this machine.

import { createHash, timingSafeEqual } from 'node:crypto'

export interface Gate {
  readonly token: string
  readonly cookie: string
  /** Names by which the server may be called; null: any, for a server that listens beyond this machine. */
  readonly hosts: ReadonlySet<string> | null
}

export interface Asked {
  readonly method: string
  readonly host: string | undefined
  readonly cookie: string | undefined
  readonly url: URL
}

export type Verdict =
  | { readonly pass: true /** The token came in the address: a cookie takes its place. */; readonly isNew: boolean }
  | { readonly pass: false; readonly status: 401 | 405 | 421; readonly why: string }

export function judge(gate: Gate, asked: Asked): Verdict {
  // A page elsewhere can point a name of its own at this machine; the browser then sends that name.
  if (gate.hosts !== null && !gate.hosts.has((asked.host ?? '').toLowerCase())) {
    return { pass: false, status: 421, why: 'This server answers to its own address only.' }
  }
  const given = asked.url.searchParams.get('token')
  const isNew = given !== null && isSame(given, gate.token)
  if (!isNew && !cookiesOf(asked.cookie, gate.cookie).some((value) => isSame(value, gate.token))) {
    return { pass: false, status: 401, why: 'Open the address that batchwright ui printed: it holds the token.' }
  }
  if (asked.method !== 'GET') return { pass: false, status: 405, why: 'This server only shows; it takes GET alone.' }
  return { pass: true, isNew }
}

/** The addresses of a server that listens on this machine alone; null for any other. */
export function hostsOf(host: string, port: number): ReadonlySet<string> | null {
  if (!isLoopback(host)) return null
  return new Set(['127.0.0.1', 'localhost', '[::1]', host.toLowerCase()].map((name) => `${name}:${port}`))
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function cookiesOf(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** Compares digests, which are equally long, in a time that tells nothing. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
