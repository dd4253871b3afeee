import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.ts'
import { startUi, type UiServer } from '../../src/ui/serve.ts'
import type { OutcomeQuery, RowView, UiData, UiRow } from '../../src/ui/ui.ts'
import { HOSTILE, NOW, outcomeWith, runWith, UNSEEN } from '../report/run.ts'

const TOKEN = 'a-token-that-nobody-guesses'

function rowWith(over: Partial<UiRow> = {}): UiRow {
  return {
    ordinal: 0,
    batch: 0,
    key: 'row-0',
    status: 'succeeded',
    excerpt: 'An answer.',
    error: null,
    inputTokens: 1,
    outputTokens: 1,
    costUsd: 0,
    attempts: 1,
    ...over,
  }
}

const ROW: RowView = {
  run: 'run-1',
  key: HOSTILE,
  batch: 0,
  outcome: outcomeWith({ key: HOSTILE, text: HOSTILE, row: { [HOSTILE]: HOSTILE } }),
  rounds: [
    {
      attempt: 1,
      kind: null,
      batchId: HOSTILE,
      request: { system: HOSTILE, messages: [{ role: HOSTILE, content: [{ type: HOSTILE, text: HOSTILE }] }] },
      said: { type: 'errored', code: HOSTILE, message: HOSTILE, kind: 'invalid' },
      withdrawn: null,
    },
    {
      attempt: 2,
      kind: 'tools',
      batchId: null,
      request: {
        messages: [
          { role: 'user', content: HOSTILE },
          { role: 'assistant', content: [{ type: 'tool_use', name: HOSTILE, input: HOSTILE }] },
          { role: 'user', content: [{ type: 'tool_result', content: HOSTILE, is_error: true }] },
        ],
      },
      said: null,
      withdrawn: HOSTILE,
    },
  ],
  documents: [
    { path: `${HOSTILE}.pdf`, mediaType: 'application/pdf', size: 5, pages: 2, trouble: null },
    { path: `${HOSTILE}.png`, mediaType: 'image/png', size: 5, trouble: null },
    { path: `${HOSTILE}.txt`, mediaType: 'text/plain', size: 5, trouble: HOSTILE },
  ],
}

class Fake implements UiData {
  readonly queries: OutcomeQuery[] = []
  readonly asked: unknown[][] = []
  async runs() {
    return { runs: [runWith({ run_id: 'run-1', job: HOSTILE })], total: 1000 }
  }
  async run(run: string) {
    return run === 'run-1' ? runWith({ run_id: run, job: HOSTILE, status: 'running', reason: HOSTILE }) : undefined
  }
  async outcomes(_run: string, query: OutcomeQuery) {
    this.queries.push(query)
    const row = rowWith({ key: HOSTILE, excerpt: HOSTILE, error: { type: HOSTILE, message: HOSTILE } })
    return { rows: [row], next: 4711, total: 1_000_000 }
  }
  async row(run: string, batch: number | undefined, key: string) {
    this.asked.push([run, batch, key])
    if (key === 'broken') throw new Error('the disk is on fire')
    if (key === 'wrong') throw new UserError(`no <b>${HOSTILE}`)
    return run === 'run-1' ? ROW : undefined
  }
  async document(_run: string, _batch: number, _key: string, at: number) {
    if (at > 0) return undefined
    return { mediaType: 'application/pdf', size: 5, open: () => bytes() }
  }
}

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('%PDF-')
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

describe('the local page', () => {
  let server: UiServer
  let data: Fake
  let failures: unknown[]
  beforeEach(async () => {
    data = new Fake()
    failures = []
    const failed = (error: unknown): void => void failures.push(error)
    server = await startUi({ port: 0, host: '127.0.0.1', token: TOKEN, data, now: () => NOW, failed })
  })
  afterEach(() => server.close())

  /** As it is written, without the tidying that a URL class does. */
  function ask(path: string, given: { method?: string; headers?: Record<string, string> } = {}): Promise<Reply> {
    const { port, hostname } = new URL(server.url)
    const cookie = `batchwright_${port}=${TOKEN}`
    return new Promise((resolve, reject) => {
      const headers = given.headers ?? { cookie }
      const sent = request({ host: hostname, port, path, method: given.method ?? 'GET', headers }, (reply) => {
        let text = ''
        reply.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }))
      })
      sent.on('error', reject).end()
    })
  }

  const PATHS = ['/', '/style.css', '/app.js', '/runs/run-1', '/runs/run-1/document?batch=0&key=a&at=0', '/none']

  it('answers nobody without the token, whatever is asked for', async () => {
    for (const path of PATHS) {
      for (const headers of [{}, { cookie: `batchwright_1=${TOKEN}` }, { cookie: 'x=y; batchwright_=' }]) {
        const reply = await ask(path, { headers })
        expect([path, reply.status]).toEqual([path, 401])
        expect(reply.text).not.toContain(TOKEN)
      }
    }
    for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(0, -1)]) {
      const reply = await ask(`/?token=${token}`, { headers: {} })
      expect([reply.status, reply.headers['set-cookie']]).toEqual([401, undefined])
    }
    expect(data.asked).toEqual([])
  })

  it('takes the token from the address once and a cookie from then on', async () => {
    const first = await fetch(server.url)
    expect(first.status).toBe(200)
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^batchwright_\d+=.*; Path=\/; HttpOnly; SameSite=Strict$/)
    const again = await ask('/', { headers: { cookie: `other=1; ${cookie.split(';')[0]}` } })
    expect([again.status, again.headers['set-cookie']]).toEqual([200, undefined])
    expect(again.text).not.toContain(TOKEN)
  })

  it('answers to a name of this machine only, so that no other site can stand in for it', async () => {
    const { port } = new URL(server.url)
    const cookie = `batchwright_${port}=${TOKEN}`
    const statusFor = async (host: string) => (await ask('/', { headers: { cookie, host } })).status
    expect(await statusFor(`localhost:${port}`)).toBe(200)
    expect(await statusFor(`evil.example:${port}`)).toBe(421)
    expect(await statusFor('127.0.0.1:1')).toBe(421)
  })

  it('takes GET and nothing else', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
      const reply = await ask('/', { method })
      expect([method, reply.status, reply.headers.allow]).toEqual([method, 405, 'GET'])
    }
  })

  it('sends a strict policy and forbids guessing, framing and keeping with every answer', async () => {
    for (const path of PATHS) {
      const { headers } = await ask(path)
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; /)
      expect(headers['content-security-policy']).not.toMatch(/unsafe-eval|\*|https?:|script-src[^;]*unsafe/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      })
    }
    expect((await ask('/')).headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect((await ask('/', { headers: {} })).headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('lets no text from outside become markup on any page', async () => {
    const pages = ['/', '/runs/run-1', '/runs/run-1/outcomes?q=%3Cscript%3E', '/runs/run-1/row?batch=0&key=a']
    for (const path of [...pages, '/runs/run-1/row?batch=0&key=wrong']) {
      const { text } = await ask(path)
      expect(text.match(/<script/g), path).toHaveLength(1)
      expect(text, path).not.toContain('<img src=x')
      expect(text, path).not.toMatch(/\s(style|on\w+)="/)
      expect(text.replaceAll('\n', ''), path).not.toMatch(UNSEEN)
    }
  })

  it('links a row and its documents by addresses that lead back to them', async () => {
    const { text } = await ask('/runs/run-1/outcomes')
    const link = /href="(\/runs\/run-1\/row\?[^"]*)"/.exec(text)?.[1] ?? ''
    await ask(link.replaceAll('&amp;', '&'))
    // A torn pair of surrogates cannot travel in an address.
    expect(data.asked).toEqual([['run-1', 0, HOSTILE.replace('\ud800', '\ufffd')]])
    const row = await ask('/runs/run-1/row?batch=0&key=a')
    expect(row.text.match(/<embed /g)).toHaveLength(1)
    expect(row.text.match(/<img /g)).toHaveLength(1)
  })

  it('passes on what makes sense of a filter and leaves out what does not', async () => {
    await ask('/runs/run-1/outcomes?status=invalid&q=Lamp+%25&from=50')
    await ask(`/runs/run-1/outcomes?status=nonsense&q=${'x'.repeat(5000)}&from=-1`)
    expect(data.queries).toEqual([
      { status: 'invalid', text: 'Lamp %', from: 50, limit: 50 },
      { text: 'x'.repeat(200), from: 0, limit: 50 },
    ])
  })

  it('says where to look on when a search has not come to the end', async () => {
    const { text } = await ask('/runs/run-1/outcomes?status=invalid')
    expect(text).toContain('/runs/run-1/outcomes?status=invalid&amp;from=4711')
    expect(text).toContain('Looked at rows 0 to 4,710 of 1,000,000; there may be more.')
  })

  it('keeps what is live up to date, and what is over as it is', async () => {
    expect((await ask('/runs/run-1')).text).toContain('<div id="live" data-every="2000">')
    expect((await ask('/runs/run-1/row?key=a')).text).toContain('<div id="live">')
  })

  it('gives a document as what it is, inside our page only', async () => {
    const reply = await ask('/runs/run-1/document?batch=0&key=a&at=0')
    expect([reply.status, reply.text, reply.headers['content-type']]).toEqual([200, '%PDF-', 'application/pdf'])
    expect(reply.headers['content-security-policy']).toContain("frame-ancestors 'self'")
    expect(reply.headers['content-security-policy']).not.toContain('script-src')
  })

  it('has nothing at other addresses', async () => {
    const paths = [
      '/etc/passwd',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/runs/..%2f..%2fetc/row?key=a',
      '/runs/run-1/../../x',
      '/runs/%ff/outcomes',
      '/runs/run-1/outcomes/more',
      '/runs/run-2',
      '/runs/run-1/row',
      '/runs/run-1/document?batch=0&key=a&at=1',
      '/runs/run-1/document?batch=0&key=a&at=..',
      '/runs/run-1/document?batch=x&key=a&at=0',
      '//evil.example/',
      'http://evil.example/',
    ]
    for (const path of paths) expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect(failures).toEqual([])
  })

  it('tells its own mistakes to the terminal and not to the page', async () => {
    const reply = await ask('/runs/run-1/row?key=broken')
    expect(reply.status).toBe(500)
    expect(reply.text).not.toContain('fire')
    expect(failures).toEqual([new Error('the disk is on fire')])
  })

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(server.url).port)
    const second = startUi({ port, host: '127.0.0.1', token: TOKEN, data, now: () => NOW, failed: () => undefined })
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
