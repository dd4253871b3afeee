import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BodyFrame, readHead } from '../../../src/provider/anthropic/http-frame.ts'

const headOf = (...lines: string[]) => readHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\nbody`, 'latin1'))

function frameOf(headers: Record<string, string>, status = 200): BodyFrame | undefined {
  return BodyFrame.of({ status, headers, end: 0 })
}

/** What a frame picks out of bytes that come in pieces that end at `cuts`. */
function taken(frame: BodyFrame, bytes: Buffer, cuts: readonly number[]): Buffer {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const pieces: Buffer[] = []
  let from = 0
  for (const to of [...ends, bytes.length]) {
    pieces.push(Buffer.from(frame.take(Buffer.from(bytes.subarray(from, to)))))
    from = to
  }
  return Buffer.concat(pieces)
}

describe('the head of an answer', () => {
  it('is read with its names in small letters and its values without the blanks around them', () => {
    const head = headOf('HTTP/1.1 200 OK', 'Content-Type:  text/plain \t', 'X-Empty:', 'set-cookie: a', 'Set-Cookie: b')
    expect(head).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain', 'x-empty': '', 'set-cookie': 'a, b' },
      end: expect.any(Number),
    })
    expect(readHead(Buffer.from('HTTP/1.1 200 OK\r\nContent-Len'))).toBeUndefined()
  })

  it('takes no name for one that objects have', () => {
    expect(headOf('HTTP/1.1 200 OK', '__proto__: x')?.headers).toEqual(
      Object.assign(Object.create(null), JSON.parse('{"__proto__": "x"}')),
    )
  })

  it.each([
    ['an older protocol', 'HTTP/1.0 200 OK'],
    ['another protocol', 'ICY 200 OK'],
    ['a status that is followed by another', 'HTTP/1.1 103 Early Hints'],
    ['a folded line', 'HTTP/1.1 200 OK', 'a: b', ' c'],
    ['a blank before the colon', 'HTTP/1.1 200 OK', 'a : b'],
    ['a line without a name', 'HTTP/1.1 200 OK', 'nothing'],
    ['a lone line feed', 'HTTP/1.1 200 OK', 'a: b\nc: d'],
  ])('is not read where it has %s', (_, ...lines) => {
    expect(headOf(...lines)).toBeNull()
  })
})

describe('the frame of a body', () => {
  const cuts = fc.array(fc.nat(5000), { maxLength: 12 })
  const body = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))

  it('ends a body of a known length, wherever it is cut, and takes nothing behind it', () => {
    fc.assert(
      fc.property(body, cuts, (bytes, at) => {
        const frame = frameOf({ 'content-length': String(bytes.length) })
        expect(frame).toBeDefined()
        const came = taken(frame as BodyFrame, Buffer.concat([bytes, Buffer.from('HTTP/1.1 200 OK')]), at)
        expect(came.equals(bytes)).toBe(true)
        expect(frame).toMatchObject({ isDone: true, endsWithConnection: false })
      }),
    )
  })

  it('puts chunks together, wherever they are cut', () => {
    const chunk = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      size: fc.constantFrom(
        (n: number) => n.toString(16),
        (n: number) => `00${n.toString(16).toUpperCase()}`,
      ),
      extension: fc.constantFrom('', ';a=b', ' ;a="x y"'),
    })
    const trailers = fc.constantFrom('', 'checksum: 1\r\n', 'a: 1\r\nb: 2\r\n')
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), trailers, cuts, (chunks, trailer, at) => {
        const framed = chunks.flatMap(({ bytes, size, extension }) => [
          Buffer.from(`${size(bytes.length)}${extension}\r\n`),
          Buffer.from(bytes),
          Buffer.from('\r\n'),
        ])
        const all = Buffer.concat([...framed, Buffer.from(`0\r\n${trailer}\r\n`)])
        const frame = frameOf({ 'transfer-encoding': 'Chunked' }) as BodyFrame
        const came = taken(frame, Buffer.concat([all, Buffer.from('more')]), at)
        expect(came.equals(Buffer.concat(chunks.map(({ bytes }) => bytes)))).toBe(true)
        expect(frame.isDone).toBe(true)
        const cut = frameOf({ 'transfer-encoding': 'chunked' }) as BodyFrame
        taken(cut, all.subarray(0, all.length - 1), at)
        expect(cut.isDone).toBe(false)
      }),
    )
  })

  it.each([
    ['no size', '\r\n'],
    ['a size that is no number', 'x\r\na'],
    ['a size without its end', '1\na'],
    ['more data than its size', '1\r\nab\r\n0\r\n\r\n'],
    ['a size beyond all numbers', `${'f'.repeat(13)}\r\n`],
    ['an extension without end', `1;${'a'.repeat(20_000)}`],
    ['trailers without end', `0\r\n${'a: b\r\n'.repeat(4000)}`],
  ])('refuses chunks with %s', (_, text) => {
    const frame = frameOf({ 'transfer-encoding': 'chunked' })
    expect(() => frame?.take(Buffer.from(text))).toThrow('not framed as HTTP/1.1 frames them')
  })

  it('ends with the connection where nothing else is said, and is empty where the status says so', () => {
    const open = frameOf({}) as BodyFrame
    expect(open).toMatchObject({ isDone: false, endsWithConnection: true })
    expect(open.take(Buffer.from('abc')).toString()).toBe('abc')
    expect(frameOf({}, 204)?.isDone).toBe(true)
    expect(frameOf({ 'content-length': '0' })?.isDone).toBe(true)
  })

  it.each([
    [{ 'transfer-encoding': 'chunked', 'content-length': '3' }],
    [{ 'transfer-encoding': 'gzip, chunked' }],
    [{ 'content-length': '3, 3' }],
    [{ 'content-length': '-3' }],
  ])('is left to node:http for %j', (headers) => {
    expect(frameOf(headers as unknown as Record<string, string>)).toBeUndefined()
  })
})
