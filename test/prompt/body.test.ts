import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BodyPart, RequestShape } from '../../src/core/batch.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { DocumentRef } from '../../src/core/prompt.ts'
import { amendBody, bodyChunks, bodyPreview } from '../../src/prompt/body.ts'
import { DocumentChangedError, openDocument } from '../../src/prompt/document-bytes.ts'
import { createDocumentReader } from '../../src/prompt/documents.ts'
import { createRenderer } from '../../src/prompt/render.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'
import { documentOf, fakeEncode, fakeProvider, inline, jobOf, rowOf } from './jobs.ts'
import { pdfOf } from './pdfs.ts'

let root: string
let folders: { root: string; run: string }

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'batchwright-body-'))
  folders = { root, run: join(root, 'run') }
  await mkdir(folders.run)
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A file in the root, and what planning would say of it. */
async function put(name: string, content: Uint8Array, more: Partial<DocumentRef> = {}): Promise<DocumentRef> {
  await writeFile(join(folders[more.base ?? 'root'], name), content)
  return {
    path: name,
    base: 'root',
    kind: 'pdf',
    mediaType: 'application/pdf',
    size: content.length,
    digest: createHash('sha256').update(content).digest('hex'),
    encoding: 'base64',
    bytes: Buffer.from(content).toString('base64').length,
    ...more,
  }
}

async function collect(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const pieces = []
  for await (const chunk of chunks) pieces.push(Buffer.from(chunk))
  return Buffer.concat(pieces).toString('utf8')
}

const noise = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, index) => (index * 7919 + (index >> 8)) % 256))

describe('a document on its way', () => {
  test.each([0, 1, 2, 3, 196_607, 196_608, 196_609, 600_001])('of %i bytes is its base64', async (size) => {
    const content = noise(size)
    const ref = await put(`noise-${size}`, content)
    const text = await collect(openDocument(ref, folders))
    expect(text).toBe(content.toString('base64'))
    expect(text.length).toBe(ref.bytes)
  })

  test('is read from the run folder where it was cut', async () => {
    const ref = await put('cut.pdf', Buffer.from('abc'), { base: 'run' })
    expect(await collect(openDocument(ref, folders))).toBe('YWJj')
  })

  test.each([
    ['utf8', Buffer.from('é"\\\n€👍'.repeat(50_000))],
    ['utf16le', Buffer.from(`\ufeff${'é"\\\n€👍'.repeat(50_000)}`, 'utf16le')],
    ['shifted', Buffer.from(`x${'é"\\\n€👍'.repeat(50_000)}`)],
  ])('of text in %s is escaped without breaking a letter', async (name, content) => {
    const expected = JSON.stringify(`${name === 'shifted' ? 'x' : ''}${'é"\\\n€👍'.repeat(50_000)}`).slice(1, -1)
    const ref = await put(name, content, { encoding: 'text', kind: 'text', bytes: Buffer.byteLength(expected) })
    expect(await collect(openDocument(ref, folders))).toBe(expected)
  })

  test.each([3000, 600_000])('of %i bytes is never sent whole when it has changed', async (size) => {
    const changes: [(path: string) => Promise<void>, RegExp][] = [
      [(path) => appendFile(path, 'x'), new RegExp(`has changed from ${size} to ${size + 1} bytes`)],
      [(path) => writeFile(path, noise(size + 1).subarray(1)), /has changed its content/],
      [(path) => rm(path), /was removed/],
    ]
    for (const [change, message] of changes) {
      const name = `changed-${size}`
      const ref = await put(name, noise(size))
      await change(join(root, name))
      let seen = 0
      const reading = (async () => {
        for await (const chunk of openDocument(ref, folders)) seen += chunk.length
      })()
      await expect(reading).rejects.toThrow(DocumentChangedError)
      await expect(reading).rejects.toThrow(message)
      await expect(reading).rejects.toMatchObject({ path: name })
      expect(seen).toBeLessThan(ref.bytes)
    }
  })
})

describe('a body', () => {
  const shape: RequestShape = { texts: ['{"a":', ',"b":"', '","c":', '}'] }

  test('without documents needs no waiting', () => {
    const chunks = bodyChunks({ texts: ['{"a":', '}'] }, ['"é"'], folders)
    expect(Symbol.iterator in chunks).toBe(true)
    expect(Buffer.concat([...(chunks as Iterable<Uint8Array>)]).toString()).toBe('{"a":"é"}')
  })

  test('has its documents between the quotes', async () => {
    const ref = await put('abc', Buffer.from('abc'))
    expect(await collect(bodyChunks(shape, ['1', ref, 'null'], folders))).toBe('{"a":1,"b":"YWJj","c":null}')
  })

  test('of a follow-up is its parts', async () => {
    const ref = await put('abc', Buffer.from('abc'))
    expect(await collect(bodyChunks({ texts: [] }, ['{"b":"', ref, '"}'], folders))).toBe('{"b":"YWJj"}')
  })

  test('that does not fit its shape is our own mistake', () => {
    expect(() => bodyChunks(shape, ['1'], folders)).toThrow('do not fit its shape')
  })

  test('is shown with its documents elided', async () => {
    const ref = await put('annual.pdf', Buffer.alloc(12_345))
    expect(bodyPreview(shape, ['["@@slot-0-1@@"]', ref, '{}'])).toEqual({
      a: ['@@slot-0-1@@'],
      b: { elided: `12,345 bytes of annual.pdf (sha256 ${ref.digest})` },
      c: {},
    })
  })

  test('is amended around its documents', async () => {
    const first = await put('first', Buffer.from('first'))
    const second = await put('second', Buffer.from('second'))
    const twice: RequestShape = { texts: ['{"x":"', '","n":', ',"y":"data:', '"}'] }
    const amended = amendBody(twice, [first, '1', second], ({ x = null, y = null }) => ({ y, more: '"ü', x }))
    expect(amended).toEqual(['{"y":"data:', second, '","more":"\\"ü","x":"', first, '"}'])
    const again = amendBody({ texts: [] }, amended, (body) => ({ ...body, z: 1 }))
    expect(await collect(bodyChunks({ texts: [] }, again, folders))).toBe(
      JSON.stringify({ y: `data:${btoa('second')}`, more: '"ü', x: btoa('first'), z: 1 }),
    )
  })

  test('is amended with texts that look like what stands in for its documents', async () => {
    const ref = await put('abc', Buffer.from('abc'))
    const hostile = 'It says @@slot-0-1@@, @@slot-0-0@@ and @@slot-1-1@@.'
    const change = (body: JsonObject): JsonObject => ({ said: hostile, ...body })
    const amended = amendBody({ texts: ['{"x":"', '"}'] }, [ref], change, [JSON.stringify(hostile)])
    expect(amended).toEqual([`{"said":"${hostile}","x":"`, ref, '"}'])
  })

  test('may not lose a document while it is amended', async () => {
    const ref = await put('abc', Buffer.from('abc'))
    expect(() => amendBody({ texts: ['{"x":"', '"}'] }, [ref], () => ({}))).toThrow('is not once in the body')
  })

  test('amended in any way is what the change makes of it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.jsonValue(), (values, added) => {
        const texts = ['{"v":[', ...values.slice(1).map(() => ','), ']}']
        const parts: BodyPart[] = values.map((value) => JSON.stringify(value))
        const whole: RequestShape = values.length === 0 ? { texts: ['{"v":[]}'] } : { texts }
        const amended = amendBody(whole, parts, (body) => ({ ...body, added }) as JsonObject)
        expect(amended).toEqual([JSON.stringify({ v: values, added })])
      }),
    )
  })
})

describe('a planned request', () => {
  test.each([
    ['the Messages API', anthropic],
    ['another dialect', fakeProvider],
  ])('streams exactly what %s would be sent, document and all', async (_, provider) => {
    const pdf = await pdfOf(['one', 'two'])
    await writeFile(join(root, 'doc.pdf'), pdf)
    await writeFile(join(root, 'notes.txt'), 'Ünï "quoted"\n')
    const documents = createDocumentReader({
      root,
      runFolder: () => folders.run,
      model: undefined,
      limits: provider.limits,
    })
    const job = jobOf('Sum up {{title}}.', {
      system: { text: inline('Be {{tone}}.'), cache: '1h' },
      documents: [
        documentOf({ file: inline('doc.pdf'), title: inline('{{title}}'), cache: '5m' }),
        documentOf({ file: inline('notes.txt') }),
      ],
    })
    const renderer = createRenderer({ job, provider, documents })
    const rendered = await renderer.render(rowOf({ title: 'A "b" \u2028', tone: 'kind 👍' }))
    if (rendered.type !== 'request') throw new Error(JSON.stringify(rendered))
    const expected = JSON.stringify(
      provider.encode({
        model: 'fake-1',
        params: { max_tokens: 1024 },
        system: [{ text: 'Be kind 👍.', cache: '1h' }],
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                kind: 'pdf',
                mediaType: 'application/pdf',
                source: { type: 'base64', data: Buffer.from(pdf).toString('base64') },
                title: 'A "b" \u2028',
                citations: false,
                cache: '5m',
              },
              {
                type: 'document',
                kind: 'text',
                mediaType: 'text/plain',
                source: { type: 'text', data: 'Ünï "quoted"\n' },
                citations: false,
              },
              { type: 'text', text: 'Sum up A "b" \u2028.' },
            ],
          },
        ],
        tools: [],
      }),
    )
    const shape = renderer.shapes()[rendered.shape] ?? { texts: [] }
    expect(await collect(bodyChunks(shape, rendered.parts, folders))).toBe(expected)
    expect(rendered.bytes).toBe(Buffer.byteLength(expected))
    await documents.close()
  })

  test('is spliced from shapes that hold nothing of a row', async () => {
    const documents = createDocumentReader({
      root,
      runFolder: () => folders.run,
      model: undefined,
      limits: fakeProvider.limits,
    })
    const renderer = createRenderer({
      job: jobOf('{{secret}}'),
      provider: { ...fakeProvider, encode: fakeEncode },
      documents,
    })
    await renderer.render(rowOf({ secret: 'S3CRET' }))
    expect(JSON.stringify(renderer.shapes())).not.toContain('S3CRET')
  })
})
