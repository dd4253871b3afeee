// The one door to Hono: which route a call takes. Bodies go past it, straight between the socket and the disk.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { Route } from './call.ts'

/** Answers one call on its raw request and response; never rejects. */
export type Serve = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  matched:
    | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
    | { readonly allowed: string[] },
) => Promise<void>

export function createApp(routes: readonly Route[], serve: Serve): Server {
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: false })
  for (const route of routes) {
    app.on(route.method, route.path, async (context) => {
      await serve(context.env.incoming, context.env.outgoing, { route, params: context.req.param() })
      return RESPONSE_ALREADY_SENT
    })
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method)
    app.all(path, async (context) => {
      await serve(context.env.incoming, context.env.outgoing, { allowed })
      return RESPONSE_ALREADY_SENT
    })
  }
  app.all('*', async (context) => {
    await serve(context.env.incoming, context.env.outgoing, { allowed: [] })
    return RESPONSE_ALREADY_SENT
  })
  const listener = getRequestListener(app.fetch, {
    hostname: 'localhost',
    // This runs inside other programs too: their Request and Response stay theirs.
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  })
  // Bodies have their own limit of time. A connection is kept for longer than clients keep theirs: one that is closed just
  // as a client uses it again would look like a batch whose fate is unknown.
  const options = { requireHostHeader: false, requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 120_000 }
  return createServer(options, (incoming, outgoing) => {
    void (async () => {
      if (isRoutable(incoming)) await listener(incoming, outgoing)
      else await serve(incoming, outgoing, { allowed: [] })
    })()
  })
}

/** Whether the router can read the address; what it cannot read is an unknown path. */
function isRoutable(incoming: IncomingMessage): boolean {
  try {
    new URL(`http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`)
    return incoming.url?.startsWith('/') === true
  } catch {
    return false
  }
}
