import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { get } from '../../../src/provider/anthropic/get.ts'

const TLS = {
  key: readFileSync(join(import.meta.dirname, 'tls/key.pem')),
  cert: readFileSync(join(import.meta.dirname, 'tls/cert.pem')),
}

const servers: { server: Server; sockets: Set<Socket> }[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  servers.push({ server, sockets })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const plain = async (listener: RequestListener) =>
  new URL(`http://127.0.0.1:${await listening(createServer(listener))}/a?b=c`)

/** A server that answers every request with these pieces, as they are, and what it was asked. */
async function raw(...pieces: string[]): Promise<{ url: URL; asked: string[] }> {
  const asked: string[] = []
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', async (bytes) => {
      asked.push(bytes.toString('latin1'))
      for (const piece of pieces) {
        socket.write(piece, 'latin1')
        await delay(5)
      }
      socket.end()
    })
  })
  return { url: new URL(`http://127.0.0.1:${await listening(server)}/`), asked }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(Buffer.from(piece))
  return Buffer.concat(all).toString('latin1')
}

describe('a GET', () => {
  it('asks for what it was given, with its headers, and for one answer only', async () => {
    const { url, asked } = await raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    url.pathname = '/results/é'
    url.search = '?from=1'
    const answer = await get(url, { 'x-api-key': 'secret' })
    expect([answer.status, answer.headers['content-length'], await textOf(answer.pieces)]).toEqual([200, '2', 'ok'])
    expect(asked).toEqual([
      `GET /results/%C3%A9?from=1 HTTP/1.1\r\nhost: ${url.host}\r\nx-api-key: secret\r\nconnection: close\r\n\r\n`,
    ])
  })

  it('reads a head and a body that come a few bytes at a time', async () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3;x=y\r\nefg\r\n0\r\nend: 1\r\n\r\n'
    const { url } = await raw(...(text.match(/[\s\S]{1,7}/g) ?? []))
    expect(await textOf((await get(url, {})).pieces)).toBe('abcdefg')
  })

  it('reads a body that ends with its connection', async () => {
    const { url } = await raw('HTTP/1.1 200 OK\r\n\r\nall', ' of it')
    expect(await textOf((await get(url, {})).pieces)).toBe('all of it')
  })

  it.each([
    ['an older protocol', 'HTTP/1.0 200 OK\r\n\r\nold', 'old'],
    [
      'an answer before the answer',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'ok',
    ],
  ])('asks again by node:http for %s', async (_, text, body) => {
    const { url, asked } = await raw(text)
    expect(await textOf((await get(url, {})).pieces)).toBe(body)
    expect(asked).toHaveLength(2)
  })

  it.each([
    ['before its head', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\ncontent-'],
  ])('throws where the connection ends %s', async (_, text) => {
    const { url } = await raw(text)
    await expect(get(url, {})).rejects.toThrow('socket hang up')
  })

  it.each([
    ['of a known length', 'content-length: 10'],
    ['in chunks', 'transfer-encoding: chunked'],
  ])('throws where a body %s is cut', async (_, header) => {
    const { url } = await raw(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n5\r\nab`)
    await expect(textOf((await get(url, {})).pieces)).rejects.toThrow('aborted')
  })

  it('throws where nobody listens, and where the signal says stop', async () => {
    const port = await listening(createRawServer())
    const [last] = servers.splice(-1)
    await new Promise((resolve) => last?.server.close(resolve))
    await expect(get(new URL(`http://127.0.0.1:${port}/`), {})).rejects.toThrow('ECONNREFUSED')
    const url = await plain((_, response) => response.write('a'))
    await expect(get(url, {}, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
    const stop = new AbortController()
    const reading = textOf((await get(url, {}, stop.signal)).pieces)
    stop.abort(new Error('stop now'))
    await expect(reading).rejects.toThrow('stop now')
  })

  describe('of a large body', () => {
    const body = Buffer.alloc(30_000_000)
    beforeAll(() => {
      for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
    })
    const digest = (bytes: Iterable<Uint8Array>) => {
      const hash = createHash('sha256')
      for (const each of bytes) hash.update(each)
      return hash.digest('hex')
    }
    const listener =
      (isChunked: boolean): RequestListener =>
      async (_, response) => {
        if (!isChunked) response.setHeader('content-length', body.length)
        for (let at = 0; at < body.length; at += 777_777) {
          if (!response.write(body.subarray(at, at + 777_777))) {
            await new Promise((resolve) => response.once('drain', resolve))
          }
        }
        response.end()
      }

    describe.each([{ isSecure: false }, { isSecure: true }])('(encrypted: $isSecure)', ({ isSecure }) => {
      it.each([
        { isChunked: true, waits: 'now and then' },
        { isChunked: false, waits: 'now and then' },
        { isChunked: true, waits: 'never' },
        { isChunked: false, waits: 'long' },
      ])(
        'gives every byte in order, chunked $isChunked, to a reader that waits $waits',
        async ({ isChunked, waits }) => {
          if (isSecure) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
          const server = isSecure ? createSecureServer(TLS, listener(isChunked)) : createServer(listener(isChunked))
          const url = new URL(`${isSecure ? 'https' : 'http'}://127.0.0.1:${await listening(server)}/`)
          const hash = createHash('sha256')
          let bytes = 0
          let turn = 0
          for await (const piece of (await get(url, {})).pieces) {
            // Looked at after the wait: what came meanwhile must lie elsewhere.
            turn += 1
            if (waits === 'long' ? turn % 4 === 0 : waits !== 'never' && turn % 10 === 0)
              await delay(waits === 'long' ? 12 : 3)
            hash.update(piece)
            bytes += piece.length
          }
          expect(bytes).toBe(body.length)
          expect(hash.digest('hex')).toBe(digest([body]))
        },
      )
    })

    it('takes no more memory than its two pieces while nobody reads', async () => {
      const url = await plain(listener(true))
      const before = process.memoryUsage().arrayBuffers
      const answer = await get(url, {})
      await delay(300)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000)
      answer.destroy()
    })
  })
})
