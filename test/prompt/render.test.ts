import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { DocumentRef } from '../../src/core/prompt.ts'
import { bodyChunks, bodyPreview } from '../../src/prompt/body.ts'
import type { DocumentReader } from '../../src/prompt/documents.ts'
import { DocumentError } from '../../src/prompt/documents.ts'
import { outputInstruction } from '../../src/prompt/output-instruction.ts'
import { createRenderer, type Rendered, type RenderedRequest, type Renderer } from '../../src/prompt/render.ts'
import { documentOf, fakeEncode, fakeProvider, inline, jobOf, rowOf } from './jobs.ts'
import { placesOf, problemsOf } from './support.ts'

/** Knows PDFs and images by their names, and opens nothing. */
const documents: DocumentReader = {
  async inspect(path) {
    if (path === 'gone.pdf') throw new DocumentError('gone.pdf does not exist.', 'Put it back.')
    const isImage = path.endsWith('.png')
    const isText = path.endsWith('.txt')
    const ref: DocumentRef = {
      path,
      base: 'root',
      kind: isImage ? 'image' : isText ? 'text' : 'pdf',
      mediaType: isImage ? 'image/png' : isText ? 'text/plain' : 'application/pdf',
      size: 300,
      digest: 'd'.repeat(64),
      encoding: isText ? 'text' : 'base64',
      bytes: 400,
      ...(isImage ? { width: 280, height: 57 } : isText ? {} : { pages: 3 }),
    }
    return ref
  },
  together: (refs) => (refs.length > 2 ? 'Too many documents.' : undefined),
  close: async () => undefined,
}

const rendererOf = (job: Job): Renderer => createRenderer({ job, provider: fakeProvider, documents })

function requestOf(rendered: Rendered | Promise<Rendered>): RenderedRequest {
  if (rendered instanceof Promise || rendered.type !== 'request') throw new Error(JSON.stringify(rendered))
  return rendered
}

/** The body of a request without documents. */
function bodyOf(renderer: Renderer, rendered: RenderedRequest): string {
  const shape = renderer.shapes()[rendered.shape]
  if (shape === undefined) throw new Error('There is no such shape.')
  const chunks = bodyChunks(shape, rendered.parts, { root: '/nowhere', run: '/nowhere' })
  return Buffer.concat([...(chunks as Iterable<Uint8Array>)]).toString('utf8')
}

describe('a rendered row', () => {
  test('is the body that the provider would make of its prompt', () => {
    const renderer = rendererOf(
      jobOf('Is {{text}} good?', {
        system: { text: inline('You speak {{vars.language}}.'), cache: '1h' },
        tools: [{ type: 'client', name: 'look', inputSchema: { type: 'object' } }],
        output: { schema: { type: 'object' }, mode: 'structured', repair: 0 },
      }),
    )
    const rendered = requestOf(renderer.render(rowOf({ text: '"é"\n' })))
    const expected = fakeEncode({
      model: 'fake-1',
      params: { max_tokens: 1024 },
      system: [{ text: 'You speak English.', cache: '1h' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Is "é"\n good?' }] }],
      tools: [{ type: 'client', name: 'look', inputSchema: { type: 'object' } }],
      output: { mode: 'structured', schema: { type: 'object' } },
    })
    expect(bodyOf(renderer, rendered)).toBe(JSON.stringify(expected))
    expect(rendered.parts).toEqual([JSON.stringify('"é"\n').slice(1, -1)])
    expect(rendered.bytes).toBe(Buffer.byteLength(JSON.stringify(expected)))
  })

  test('keeps what is the same for all rows in the shape, also where it is made from vars', () => {
    const renderer = rendererOf(jobOf('Hello {{vars.language}} {{job.name}}'))
    expect(requestOf(renderer.render(rowOf({}))).parts).toEqual([])
    expect(renderer.shapes()).toHaveLength(1)
    expect(renderer.shapes()[0]?.texts[0]).toContain('Hello English demo')
  })

  test('counts the bytes of text that the model reads', () => {
    const renderer = rendererOf(jobOf('é{{text}}', { system: { text: inline('12345') } }))
    expect(requestOf(renderer.render(rowOf({ text: 'ü"' }))).inputBytes).toBe(5 + 2 + 3)
  })

  test('shares one shape with every row of its kind', () => {
    const renderer = rendererOf(jobOf('{{text}}'))
    const shapes = [1, 2, 3].map((text) => requestOf(renderer.render(rowOf({ text }))).shape)
    expect(shapes).toEqual([0, 0, 0])
  })

  test('leaves out texts that are blank, and says so by another shape', () => {
    const job = jobOf('{{text}}', { system: { text: inline('{{#if rules}}Rules: {{rules}}{{/if}} ') } })
    const renderer = rendererOf(job)
    const one = requestOf(renderer.render(rowOf({ text: 'x', rules: 'none' })))
    const two = requestOf(renderer.render(rowOf({ text: 'x', rules: '' })))
    expect([one.shape, two.shape]).toEqual([0, 1])
    expect(JSON.parse(bodyOf(renderer, two))).toMatchObject({ instructions: [] })
  })

  test('may hold the very letters of a stand-in', () => {
    const job = jobOf('@@slot-0-0@@ {{text}}', { vars: { x: '@@slot-1-' } })
    const renderer = rendererOf(job)
    const rendered = requestOf(renderer.render(rowOf({ text: '@@slot-2-0@@' })))
    expect(bodyOf(renderer, rendered)).toContain('"@@slot-0-0@@ @@slot-2-0@@"')
  })

  test('tells the schema in words in mode prompt', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    const messages: Job['messages'] = [
      { role: 'user', content: [{ text: inline('{{text}}') }] },
      { role: 'assistant', content: [{ text: inline('{') }] },
    ]
    const renderer = rendererOf(jobOf('', { messages, output: { schema, mode: 'prompt', repair: 0 } }))
    const body = JSON.parse(bodyOf(renderer, requestOf(renderer.render(rowOf({ text: 'x' })))))
    expect(body.output).toBeNull()
    expect(body.turns[0].say).toEqual([
      { type: 'text', text: 'x' },
      { type: 'text', text: outputInstruction(schema) },
    ])
    expect(outputInstruction(schema)).toContain(JSON.stringify(schema))
  })

  test('equals the encoded prompt for any texts', () => {
    const text = fc.string({ unit: 'binary' })
    const job = jobOf('', {
      system: { text: inline('{{system}}') },
      messages: [
        { role: 'user', content: [{ text: inline('{{a}}'), cache: '5m' }, { text: inline('static') }] },
        { role: 'assistant', content: [{ text: inline('b: {{b}}') }] },
        { role: 'user', content: [{ text: inline('{{c}}') }, { text: inline('{{a}}{{b}}') }] },
      ],
    })
    const renderer = rendererOf(job)
    fc.assert(
      fc.property(fc.record({ system: text, a: text, b: text, c: text }), (fields) => {
        const rendered = renderer.render(rowOf(fields))
        const { system, a, b, c } = fields
        const parts = (...texts: [string, ('5m' | '1h')?][]) =>
          texts
            .filter(([value]) => value.trim() !== '')
            .map(([value, cache]) => ({
              type: 'text' as const,
              text: value,
              ...(cache === undefined ? {} : { cache }),
            }))
        const last = parts([c], [a + b])
        if (last.length === 0) {
          expect(rendered).toMatchObject({ type: 'rejected', reason: 'Message 3 of 3 (user) is empty for this row.' })
          return
        }
        const expected = JSON.stringify(
          fakeEncode({
            model: 'fake-1',
            params: { max_tokens: 1024 },
            system: system.trim() === '' ? [] : [{ text: system }],
            messages: [
              { role: 'user', content: parts([a, '5m'], ['static']) },
              { role: 'assistant', content: parts([`b: ${b}`]) },
              { role: 'user', content: last },
            ],
            tools: [],
          }),
        )
        const request = requestOf(rendered)
        expect(bodyOf(renderer, request)).toBe(expected)
        expect(request.bytes).toBe(Buffer.byteLength(expected))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a rejected row', () => {
  const rejectionOf = async (job: Job, fields: JsonObject) => {
    const rendered = await rendererOf(job).render(rowOf(fields))
    if (rendered.type !== 'rejected') throw new Error('The row was not rejected.')
    return rendered
  }

  test('names the template, the place, the row and the names that exist', async () => {
    const { problem, reason } = await rejectionOf(jobOf('Hi {{nme}}'), { name: 'x' })
    expect(reason).toBe(
      'jobs/demo.yaml:1:6: Unknown name "nme". Did you mean "name"? The names that exist are name, vars and job.',
    )
    expect(problem).toMatchObject({ file: 'jobs/demo.yaml', line: 1, column: 6, excerpt: 'Hi {{nme}}' })
    expect(problem.message).toBe('Row "row-0" (data/rows.jsonl:1): Unknown name "nme". Did you mean "name"?')
  })

  test('has an empty prompt', async () => {
    expect((await rejectionOf(jobOf(' {{text}}\n'), { text: '' })).reason).toBe('The prompt is empty for this row.')
  })

  test('is larger than the provider takes', async () => {
    const { reason } = await rejectionOf(jobOf('{{text}}'), { text: 'x'.repeat(1_000_000) })
    expect(reason).toMatch(
      /^The request is 1,000,\d{3} bytes; the provider takes at most 1,000,000\. Its largest part is one text/,
    )
  })

  test('has a document that cannot be sent', async () => {
    const job = jobOf('x', { documents: [documentOf({ file: inline('{{path}}', 9) })] })
    const { problem, reason } = await rejectionOf(job, { path: 'gone.pdf' })
    expect(reason).toBe('gone.pdf does not exist.')
    expect(problem).toMatchObject({ path: '/documents/0', file: 'jobs/demo.yaml', line: 9, hint: 'Put it back.' })
  })

  test.each([
    ['a document without a path', { file: inline('{{path}}') }, '', 'The path of the document is empty for this row.'],
    ['a document without a text', { text: inline('{{path}}') }, ' ', 'The text of the document is empty for this row.'],
    [
      'a URL that is none',
      { url: inline('{{path}}') },
      'file:///etc/passwd',
      'file:///etc/passwd is not a URL that begins with https:// or http://.',
    ],
    [
      'an image that is to be cited',
      { file: inline('{{path}}'), citations: true },
      'a.png',
      'a.png is an image, and images cannot be cited.',
    ],
    [
      'a name that does not exist',
      { file: inline('{{pth}}') },
      'a.pdf',
      'jobs/demo.yaml:1:3: Unknown name "pth". Did you mean "path"? The names that exist are path, vars and job.',
    ],
  ])('has %s', async (_, spec, path, reason) => {
    const job = jobOf('x', { documents: [documentOf(spec)] })
    expect((await rejectionOf(job, { path })).reason).toBe(reason)
  })

  test('has documents that do not fit together', async () => {
    const spec = documentOf({ file: inline('a.pdf') })
    expect((await rejectionOf(jobOf('x', { documents: [spec, spec, spec] }), {})).reason).toBe('Too many documents.')
  })
})

describe('a job whose templates are wrong', () => {
  test('is refused with every mistake at once, each once', () => {
    const job = jobOf('{{uppr x}} {{> foot}}', {
      system: { text: inline('{{#if}}', 3) },
      documents: [documentOf({ file: inline('{{lowr y}}{{> foot}}', 5) })],
      partials: { foot: { text: '{{trmi z}}', file: 'templates/foot.hbs', line: 1, column: 1 } },
    })
    expect(placesOf(() => rendererOf(job)).map((place) => place.split(' ')[0])).toEqual([
      'jobs/demo.yaml:3:1',
      'jobs/demo.yaml:1:3',
      'templates/foot.hbs:1:3',
      'jobs/demo.yaml:5:3',
    ])
  })

  test('is refused when vars have not what all rows need', () => {
    expect(placesOf(() => rendererOf(jobOf('{{vars.tone}}')))).toEqual([
      'jobs/demo.yaml:1:3 Unknown name "tone" in vars.',
    ])
  })

  test('is refused when pages are none', () => {
    const job = jobOf('x', { documents: [documentOf({ file: inline('a.pdf'), pages: '3-1' })] })
    expect(problemsOf(() => rendererOf(job))).toMatchObject([
      { message: '"3-1" are no pages.', path: '/documents/0/pages' },
    ])
  })

  test('is refused when a field hides vars or job, and only when they are read', () => {
    const row = rowOf({ job: 'baker', text: 'x' })
    expect(placesOf(() => rendererOf(jobOf('{{job.name}} {{text}}')).render(row))).toEqual([
      'jobs/demo.yaml:1:3 The dataset has a field named "job", and the templates read the job\'s own "job".',
    ])
    const renderer = rendererOf(jobOf('{{text}}'))
    expect(renderer.render(row)).toMatchObject({ type: 'request' })
  })

  test('is refused when a row has a field named __proto__', () => {
    const fields = JSON.parse('{"__proto__": {"admin": true}, "text": "x"}') as JsonObject
    expect(placesOf(() => rendererOf(jobOf('{{text}}')).render(rowOf(fields)))[0]).toContain('"__proto__"')
  })
})

describe('documents', () => {
  const fields = { path: 'a.pdf', name: 'A "b"', body: 'line\n"two"' }
  const render = async (job: Job, row: JsonObject = fields) => {
    const renderer = rendererOf(job)
    const rendered = await renderer.render(rowOf(row))
    if (rendered.type !== 'request') throw new Error(JSON.stringify(rendered))
    const shape = renderer.shapes()[rendered.shape]
    if (shape === undefined) throw new Error('There is no such shape.')
    return { rendered, body: bodyPreview(shape, rendered.parts) as { turns: { say: unknown[] }[] } }
  }

  test('stand in the last user message, before its text', async () => {
    const job = jobOf('', {
      messages: [
        { role: 'user', content: [{ text: inline('first') }] },
        { role: 'assistant', content: [{ text: inline('second') }] },
        { role: 'user', content: [{ text: inline('third {{name}}') }] },
      ],
      documents: [
        documentOf({
          file: inline('{{path}}'),
          title: inline('{{name}}'),
          context: inline(''),
          citations: true,
          cache: '1h',
        }),
      ],
    })
    const { rendered, body } = await render(job)
    expect(body.turns[0]?.say).toHaveLength(1)
    expect(body.turns[2]?.say).toEqual([
      {
        type: 'document',
        kind: 'pdf',
        mediaType: 'application/pdf',
        source: { elided: `300 bytes of a.pdf (sha256 ${'d'.repeat(64)})` },
        title: 'A "b"',
        citations: true,
        cache: '1h',
      },
      { type: 'text', text: 'third A "b"' },
    ])
    expect(rendered).toMatchObject({ pdfPages: 3, imageTokens: 0 })
    expect(rendered.parts.filter((part) => typeof part !== 'string')).toHaveLength(1)
  })

  test('of a URL, a text and a file id need no file', async () => {
    const job = jobOf('x', {
      documents: [
        documentOf({ url: inline('https://example.com/a.pdf?x=1') }),
        documentOf({ url: inline('https://example.com/b.JPG') }),
        documentOf({ text: inline('{{body}}') }),
        documentOf({ fileId: inline('file_123') }),
      ],
    })
    const { rendered, body } = await render(job)
    expect(body.turns[0]?.say).toMatchObject([
      { kind: 'pdf', source: { type: 'url', url: 'https://example.com/a.pdf?x=1' } },
      { kind: 'image', mediaType: 'image/jpeg' },
      { kind: 'text', source: { type: 'text', data: 'line\n"two"' } },
      { source: { type: 'file', fileId: 'file_123' } },
      { type: 'text', text: 'x' },
    ])
    expect(rendered).toMatchObject({ pdfPages: 0 })
  })

  test('that are images have their title and context before them', async () => {
    const job = jobOf('x', {
      documents: [documentOf({ file: inline('a.png'), title: inline('{{name}}'), context: inline('From the web') })],
    })
    const { rendered, body } = await render(job)
    expect(body.turns[0]?.say).toMatchObject([
      { type: 'text', text: 'A "b"\nFrom the web' },
      { kind: 'image' },
      { text: 'x' },
    ])
    expect(rendered.imageTokens).toBe(10 * 3)
  })

  test('of different kinds make different shapes', async () => {
    const renderer = rendererOf(jobOf('x', { documents: [documentOf({ file: inline('{{path}}') })] }))
    const shapes = []
    for (const path of ['a.pdf', 'b.png', 'c.txt', 'd.pdf']) {
      shapes.push(((await renderer.render(rowOf({ path }))) as RenderedRequest).shape)
    }
    expect(shapes).toEqual([0, 1, 2, 0])
  })

  test('that are to be uploaded are refused, not sent inline in silence', () => {
    const job = jobOf('x', { documents: [documentOf({ file: inline('a.pdf'), upload: 'files' })] })
    expect(() => rendererOf(job)).toThrow(/has no files API, so documents cannot be uploaded/)
  })
})
