// `ui`: a local page over the runs of the project, until it is interrupted. It changes nothing and calls no API.

import { openHere, serveUi } from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { placeFlags } from './job-flags.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

export async function ui(io: Io, _args: string[], flags: Flags): Promise<number> {
  const workspace = await openHere(surroundingsOf(io, progressPrinter(io, flags)), placeFlags(flags))
  const [port, host] = [flags.port as number, flags.host as string]
  try {
    const server = await serveUi(workspace, { port, host, localOnly: flags.local === true }).catch(
      (error: NodeJS.ErrnoException) => {
        throw placeTaken(error, host, port)
      },
    )
    await io.out(flags.json === true ? `${JSON.stringify({ url: server.url })}\n` : `${server.url}\n`)
    if (flags.quiet !== true) {
      if (!/^(127\.|localhost$|::1$)/.test(host)) {
        io.err(`Anybody who can reach ${host} and has this address can read every run and its documents.\n`)
      }
      io.err('Open the address in a browser; it holds the token. Ctrl-C stops the page, not the runs.\n')
    }
    await new Promise<void>((stop) => {
      if (io.interrupted.aborted) return stop()
      io.interrupted.addEventListener('abort', () => stop(), { once: true })
    })
    await server.close()
    return 0
  } finally {
    await workspace.close()
  }
}

/** What can be mended by another flag is said as such. */
function placeTaken(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new UserError({
      message: `Port ${port} of ${host} is taken by another program.`,
      hint: 'Leave out --port, and a free one is picked.',
    })
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new UserError({
      message: `This machine has no address ${host}.`,
      hint: 'Leave out --host, and the page is served on 127.0.0.1.',
    })
  }
  return error
}
