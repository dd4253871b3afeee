// One job that delivers to every sink at once, and what each of them holds afterwards.

import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { JsonObject } from '../../src/core/json.ts'
import { openSqlite } from '../../src/disk/sqlite.ts'
import type { Project } from './cli.ts'

const TITLE_ONLY = '{ key: key, title: output.title, year: output.origin.year, who: "{{key}} of {{row.subject}}" }'

function jobText(options: { rowsPerBatch: number; postgres: boolean }): string {
  return `name: everywhere
model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row-{{n}}" }
prompt: "Row {{n}} is about {{subject}}. Say what it is."
output:
  schema:
    type: object
    additionalProperties: false
    required: [title, pages, tags, origin]
    properties:
      title: { type: string }
      pages: { type: integer }
      tags: { type: array, items: { type: string } }
      origin:
        type: object
        additionalProperties: false
        required: [place, year]
        properties: { place: { type: string }, year: { type: integer } }
sinks:
  - { type: jsonl, path: out/all.jsonl, select: all }
  - out/good.jsonl.gz
  - { type: csv, path: "out/{{job.name}}-{{run.id}}.csv", columns: ${TITLE_ONLY} }
  - { type: tsv, path: out/failed.tsv, select: failed }
  - out/good.json
  - { type: parquet, path: out/all.parquet, select: all }
  - type: files
    path: "out/pages/{{row.subject}}/{{key}}.md"
    template: "# {{output.title}}\\n\\n{{job.name}} found it in {{output.origin.place}}.\\n"
  - { type: sqlite, path: out/rows.db, table: answers }
  - { type: sqlite, path: out/rows.db, table: failures, select: failed, columns: { status: status, why: error.type } }
  - { type: webhook, url_env: RECEIVER, allow_http: true, columns: [key, status], select: all }
  - { type: module, module: sinks/own.mjs, export: keysIn, options: { path: out/own.txt } }
  - { type: stdout, select: all, columns: [key] }
${options.postgres ? '  - { type: postgres, url_env: DATABASE, schema: llm, table: answers, select: all }\n  - { type: postgres, url_env: DATABASE, schema: llm, table: notes, columns: { note: row.note }, invalid_text: replace }\n' : ''}batch: { max_requests: ${options.rowsPerBatch} }
`
}

/** A sink of the project's own, as its team would write it: keys in a file that appears when it is complete. */
const OWN_SINK = `import { open, rename, rm } from 'node:fs/promises'
export const keysIn = {
  about: 'Keys in a file.',
  probe: async () => undefined,
  async open({ path }, { root }) {
    const draft = root + '/' + path + '.draft'
    const file = await open(draft, 'w')
    return {
      location: path,
      openPart: async () => {
        const keys = []
        return {
          write: ({ key }) => { keys.push(key + '\\n') },
          commit: () => file.appendFile(keys.join('')),
          abort: async () => undefined,
        }
      },
      async finish() {
        await file.close()
        await rename(draft, root + '/' + path)
      },
      async abort() {
        await file.close()
        await rm(draft, { force: true })
      },
    }
  },
}
`

export const SUBJECTS = ['tea', 'salt', 'wool'] as const

export async function writeEverywhere(
  project: Project,
  options: { rows: number; rowsPerBatch: number; postgres: boolean },
): Promise<void> {
  const rows = Array.from(
    { length: options.rows },
    (_, n) => `${JSON.stringify({ n, subject: SUBJECTS[n % 3], note: `${n}\u0000` })}\n`,
  )
  await project.write('job.yaml', jobText(options))
  await project.write('rows.jsonl', rows.join(''))
  await project.write('sinks/own.mjs', OWN_SINK)
}

export interface ReceivedRequest {
  readonly path: string
  readonly idempotencyKey: string
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
}

/** A server that takes what webhooks post. */
export interface Receiver {
  readonly url: string
  /** In order of arrival; `path` tells whose they are. */
  readonly requests: readonly ReceivedRequest[]
  /** The status of its answers from now on. */
  answer(status: number): void
  /** The next request to the path waits so long for its answer. */
  stall(path: string, ms: number): void
  stop(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const requests: Receiver['requests'][number][] = []
  let status = 204
  const stalled = new Map<string, number>()
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    const idempotencyKey = String(request.headers['idempotency-key'])
    const { url: path = '', headers } = request
    if (status < 300) requests.push({ path, idempotencyKey, headers, body: JSON.parse(text) })
    const wait = stalled.get(path)
    stalled.delete(path)
    if (wait !== undefined) await sleep(wait)
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => {
      status = next
    },
    stall: (path, ms) => stalled.set(path, ms),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The files of a folder below the project, path → content. */
export async function filesBelow(project: Project, folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const entries = await readdir(project.path(folder), { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(project.folder.length + 1), await readFile(path))
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The rows of a table by key, whatever order they came in. */
export function sqliteRows(path: string, table: string, order = 'run, key'): readonly Record<string, unknown>[] {
  const database = openSqlite(path)
  try {
    return database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all()
  } finally {
    database.close()
  }
}

export async function postgresRows(
  url: string,
  table: string,
  order = 'run, key',
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(`SELECT * FROM ${table} ORDER BY ${order}`)).rows
  } finally {
    await client.end()
  }
}
