import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, createToolProject, type ToolProject } from './project.ts'

describe('a handler that is a server', () => {
  let project: ToolProject
  let server: Server
  let base: string
  let seen: { request: IncomingMessage; body: string }[]
  beforeEach(async () => {
    project = await createToolProject()
    seen = []
    server = createServer((request, response) => void answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await project.remove()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const piece of request) body += piece
    seen.push({ request, body })
    const [, path] = (request.url ?? '').split(/[/?]/)
    if (path === 'ok') response.end('a text\n')
    else if (path === 'blocks') response.end('[{"type":"text","text":"a block"}]')
    else if (path === 'fails') response.writeHead(500).end('out of fog')
    else if (path === 'moved') response.writeHead(302, { location: '/ok' }).end()
    else if (path === 'huge') response.end('x'.repeat(50_000_000))
    else if (path === 'cut')
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
    else if (path !== 'hangs') response.writeHead(404).end()
  }

  it('is sent one POST and answers with the result', async () => {
    const handlers = project.open({ ok: { http: `${base}/ok` }, blocks: { http: `${base}/blocks` } })
    expect(await call(handlers, 'ok', { term: 'fog' })).toEqual({ content: 'a text', isError: false })
    expect(seen).toHaveLength(1)
    expect(seen[0]?.request.method).toBe('POST')
    expect(seen[0]?.request.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'key-1' })
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ input: { term: 'fog' }, row: { city: 'Oslo' } })
    expect(await call(handlers, 'blocks')).toEqual({ content: [{ type: 'text', text: 'a block' }], isError: false })
  })

  it('tells the model what went wrong', async () => {
    const handlers = project.open({
      fails: { http: `${base}/fails` },
      missing: { http: `${base}/missing` },
      moved: { http: `${base}/moved` },
      huge: { http: `${base}/huge` },
      cut: { http: `${base}/cut` },
      hangs: { http: `${base}/hangs`, timeoutMs: 200 },
      nobody: { http: 'http://127.0.0.1:1/?token=secret' },
    })
    const table = {
      fails: /^The tool answered 500 Internal Server Error: out of fog$/,
      missing: /^The tool answered 404 Not Found\.$/,
      moved: /^The tool answered 302 Found; redirects are not followed\.$/,
      huge: /^The tool gave more than 1,000,000 bytes/,
      cut: /^The tool could not be reached \(/,
      hangs: /^The tool did not answer within 0\.2 s\.$/,
      nobody: /^The tool could not be reached \(ECONNREFUSED\)\.$/,
    }
    for (const [name, words] of Object.entries(table)) {
      const result = await call(handlers, name)
      expect(result.isError, name).toBe(true)
      expect(result.content, name).toMatch(words)
    }
    expect(seen.map(({ request }) => request.url)).not.toContain('/ok')
  })

  it('takes what is secret of its URL from the environment, and says what is missing', async () => {
    process.env.TEST_TOOL_TOKEN = 'secret'
    const handlers = project.open({
      ok: { http: `${base}/ok?token=\${TEST_TOOL_TOKEN}` },
      missing: { http: `${base}/ok?token=\${TEST_NO_SUCH}` },
      ftp: { http: 'ftp://host/' },
    })
    expect(await call(handlers, 'ok')).toEqual({ content: 'a text', isError: false })
    expect(seen[0]?.request.url).toBe('/ok?token=secret')
    expect(await handlers.check()).toMatchObject([
      { path: '/tools/1/handler/http', message: expect.stringContaining('TEST_NO_SUCH') },
      { path: '/tools/2/handler/http' },
    ])
  })
})
