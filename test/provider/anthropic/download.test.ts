import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { Download } from '../../../src/provider/anthropic/download.ts'

const IDLE_MS = 100
const KEY = { 'x-api-key': 'secret', authorization: 'Bearer secret', accept: 'application/binary' }

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/results`
}

async function read(url: string, pauseMs = 0, signal?: AbortSignal): Promise<string> {
  const download = new Download('the results of x', IDLE_MS)
  await download.fetch(url, { headers: KEY, ...(signal ? { signal } : {}) })
  const pieces: Uint8Array[] = []
  for await (const piece of download.pieces()) {
    pieces.push(piece)
    await delay(pauseMs)
  }
  return Buffer.concat(pieces).toString()
}

describe('a download', () => {
  it('gives every byte of a body that ends', async () => {
    const text = 'línea\n'.repeat(100_000)
    expect(await read(await serve((_, response) => response.end(text)))).toBe(text)
    expect(await read(await serve((_, response) => response.writeHead(204).end()))).toBe('')
  })

  it('unpacks what came packed, since less travels so', async () => {
    const text = 'an answer\n'.repeat(50_000)
    for (const [encoding, pack] of Object.entries({
      gzip: gzipSync,
      deflate: deflateSync,
      br: brotliCompressSync,
      identity: Buffer.from,
    })) {
      const url = await serve((_, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(pack(Buffer.from(text)))
      })
      expect(await read(url)).toBe(text)
    }
  })

  it('throws for a packed body that was cut, and for a packing that nobody asked for', async () => {
    const packed = gzipSync(Buffer.from('an answer\n'.repeat(50_000)))
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 20))
    })
    await expect(read(cut)).rejects.toThrow('The download of the results of x broke off')
    const odd = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'toString' }).end('x')
    })
    await expect(read(odd)).rejects.toThrow('encoding "tostring", which was not asked for')
  })

  it('gives up a server that falls silent', async () => {
    const url = await serve((_, response) => response.write('a'))
    await expect(read(url)).rejects.toThrow('The download of the results of x fell silent for 0.1 s.')
  })

  it('lets the reader take as long as it likes', async () => {
    const url = await serve(async (_, response) => {
      response.write('a')
      await delay(50)
      response.end('b')
    })
    expect(await read(url, IDLE_MS * 3)).toBe('ab')
  })

  it('says why a body broke off, also one that broke before anybody read it', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('a')
      setTimeout(() => response.destroy(), 10)
    })
    await expect(read(url)).rejects.toThrow('The download of the results of x broke off: aborted')
    const download = new Download('the results of x')
    await download.fetch(url)
    await delay(50)
    await expect(
      (async () => {
        for await (const _ of download.pieces());
      })(),
    ).rejects.toThrow('broke off')
  })

  it('ends with the signal that it was given', async () => {
    const url = await serve((_, response) => response.write('a'))
    const stop = new AbortController()
    const reading = read(url, 0, stop.signal)
    setTimeout(() => stop.abort(), 20)
    await expect(reading).rejects.toThrow('broke off')
  })

  it('releases the connection when its reader stops early', async () => {
    let isClosed = false
    const url = await serve((request, response) => {
      request.socket.on('close', () => {
        isClosed = true
      })
      response.write('a')
    })
    const download = new Download('x')
    await download.fetch(url)
    for await (const _ of download.pieces()) break
    await delay(20)
    expect(isClosed).toBe(true)
  })

  it('follows a redirect, and takes no key to another host', async () => {
    const seen: (string | undefined)[] = []
    const other = await serve((request, response) => {
      seen.push(request.headers['x-api-key'] as string | undefined, request.headers.authorization)
      response.end(`from elsewhere, ${request.headers.accept}`)
    })
    const url = await serve((request, response) => {
      const isFirst = request.url === '/results'
      if (!isFirst) seen.push(request.headers['x-api-key'] as string)
      response.writeHead(isFirst ? 307 : 302, { location: isFirst ? '/moved' : other }).end()
    })
    expect(await read(url)).toBe('from elsewhere, application/binary')
    expect(seen).toEqual(['secret', undefined, undefined])
  })

  it('does not go round in circles', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/results' }).end())
    await expect(read(url)).rejects.toThrow('redirects more than 5 times')
  })

  it('hands on what an error says', async () => {
    const url = await serve((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json', 'request-id': 'req_1' }).end('{"type":"error"}')
    })
    const response = await new Download('x').fetch(url)
    expect([response.status, response.headers.get('request-id'), await response.json()]).toEqual([
      404,
      'req_1',
      { type: 'error' },
    ])
  })
})
