// The local page's server: a few addresses, GET only, nothing without the token.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../core/errors.ts'
import { html } from '../report/html.ts'
import { STYLE } from '../report/style.ts'
import { frame, type Page } from './frame.ts'
import { type Gate, hostsOf, judge } from './guard.ts'
import { route } from './route.ts'
import { ICON, SCRIPT } from './script.ts'
import type { DocumentBytes, UiData } from './ui.ts'

export interface UiOptions {
  /** 0 picks a free one. */
  readonly port: number
  readonly host: string
  /** Unguessable: whoever has it sees every run. */
  readonly token: string
  readonly data: UiData
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Hears of errors that are ours. */
  readonly failed: (error: unknown) => void
}

export interface UiServer {
  /** The address with the token. */
  readonly url: string
  close(): Promise<void>
}

/** Throws when the port is taken. */
export async function startUi(options: UiOptions): Promise<UiServer> {
  const { host, token } = options
  const state: { gate?: Gate } = {}
  const server = createServer((incoming, outgoing) => {
    // A reader that goes away is no error of ours.
    outgoing.on('error', () => undefined)
    const answered = state.gate === undefined ? Promise.resolve() : answer(options, state.gate, incoming, outgoing)
    answered.catch((error: unknown) => {
      if (!outgoing.destroyed) options.failed(error)
      outgoing.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  // Cookies do not know ports: two servers on one machine must not take each other's.
  state.gate = { token, cookie: `batchwright_${port}`, hosts: hostsOf(host, port) }
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${port}/?token=${encodeURIComponent(token)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Only what this server gives may be loaded, and nothing may hold the page in a frame. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; object-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
/** A document may do nothing but be shown inside our page; the browser's own viewer needs the last three. */
const DOCUMENT_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; style-src 'unsafe-inline'; object-src 'self'; img-src 'self'"

async function answer(
  options: UiOptions,
  gate: Gate,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url?.startsWith('/') ? `http://local${incoming.url}` : 'http://local/-')
  const { method = '', headers } = incoming
  const verdict = judge(gate, { method, host: headers.host, cookie: headers.cookie, url })
  if (!verdict.pass) {
    outgoing.setHeader('connection', 'close')
    if (verdict.status === 405) outgoing.setHeader('allow', 'GET')
    return send(outgoing, verdict.status, 'text/plain; charset=utf-8', `${verdict.why}\n`)
  }
  if (verdict.isNew) {
    outgoing.setHeader('set-cookie', `${gate.cookie}=${gate.token}; Path=/; HttpOnly; SameSite=Strict`)
  }
  if (url.pathname === '/style.css') return send(outgoing, 200, 'text/css; charset=utf-8', STYLE)
  if (url.pathname === '/app.js') return send(outgoing, 200, 'text/javascript; charset=utf-8', SCRIPT)
  if (url.pathname === '/icon.svg') return send(outgoing, 200, 'image/svg+xml', ICON)
  const found = await pageFor(options, url)
  if ('open' in found) return sendDocument(outgoing, found)
  return send(outgoing, found.status, 'text/html; charset=utf-8', frame(found))
}

async function pageFor(options: UiOptions, url: URL): Promise<Page | DocumentBytes> {
  try {
    const found = await route(options.data, url, options.now())
    if (found !== undefined) return found
    return told(404, 'Not found', 'There is nothing at this address.')
  } catch (error) {
    if (error instanceof UserError) return told(404, 'Not found', error.message)
    options.failed(error)
    return told(500, 'Error', 'This page could not be made. The terminal that serves it says why.')
  }
}

function told(status: number, title: string, words: string): Page {
  return { status, title, crumbs: [['Runs', '/']], content: html`<h1>${title}</h1><p>${words}</p>`, every: null }
}

function standardHeaders(outgoing: ServerResponse, policy: string): void {
  outgoing.setHeader('content-security-policy', policy)
  outgoing.setHeader('x-content-type-options', 'nosniff')
  outgoing.setHeader('referrer-policy', 'no-referrer')
  outgoing.setHeader('cross-origin-opener-policy', 'same-origin')
  outgoing.setHeader('cross-origin-resource-policy', 'same-origin')
  outgoing.setHeader('cache-control', 'no-store')
}

function send(outgoing: ServerResponse, status: number, mediaType: string, text: string): void {
  standardHeaders(outgoing, PAGE_POLICY)
  const body = Buffer.from(text)
  outgoing.writeHead(status, { 'content-type': mediaType, 'content-length': body.length })
  outgoing.end(body)
}

async function sendDocument(outgoing: ServerResponse, document: DocumentBytes): Promise<void> {
  standardHeaders(outgoing, DOCUMENT_POLICY)
  outgoing.writeHead(200, {
    'content-type': document.mediaType,
    'content-length': document.size,
    'content-disposition': 'inline',
  })
  await pipeline(document.open(), outgoing)
}
