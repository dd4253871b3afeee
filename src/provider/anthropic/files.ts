// The Files API: documents that are uploaded once and named by their ids.

import type { Json, JsonObject } from '../../core/json.ts'
import type { FilesApi, OutgoingFile, RemoteFile } from '../provider.ts'
import { asObject } from './remote-batch.ts'
import type { UploadBody } from './upload.ts'

const FILES = '/v1/files'
/** Ids that one call may ask for. */
const IDS = 100

/** The calls that it needs of the connection. */
export interface FileCalls {
  post(path: string, body: UploadBody, contentType: string, signal: AbortSignal): Promise<unknown>
  get(path: string, query: JsonObject, signal: AbortSignal): Promise<{ data: unknown; response: Response }>
  delete(path: string, signal: AbortSignal): Promise<void>
}

export function filesApi(calls: FileCalls): FilesApi {
  return {
    async upload(file, signal) {
      const boundary = `batchwright-${file.digest}`
      const body = multipart(file, boundary)
      return decodeFile(await calls.post(FILES, body, `multipart/form-data; boundary=${boundary}`, signal))
    },

    async find(ids, signal) {
      let now = Date.now()
      const files: RemoteFile[] = []
      for (let at = 0; at < ids.length; at += IDS) {
        const { data, response } = await calls.get(FILES, { ids: ids.slice(at, at + IDS) }, signal)
        const page = asObject(data)
        if (!Array.isArray(page.data)) throw new Error('The list of files came without its data.')
        files.push(...page.data.map(decodeFile))
        const told = Date.parse(response.headers.get('date') ?? '')
        if (!Number.isNaN(told)) now = told
      }
      return { now, files }
    },

    delete: (id, signal) => calls.delete(`${FILES}/${encodeURIComponent(id)}`, signal),
  }
}

/** Throws an Error where the answer is no file. */
function decodeFile(value: unknown): RemoteFile {
  const raw = asObject(value)
  if (typeof raw.id !== 'string') throw new Error('The answer to an upload is not what the Files API sends.')
  return { id: raw.id, createdAt: timeOf(raw.created_at) ?? 0, expiresAt: timeOf(raw.expires_at) }
}

function timeOf(value: Json | undefined): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** The boundary contains the digest of the content, which therefore cannot contain it. */
function multipart(file: OutgoingFile, boundary: string): UploadBody {
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="expires_in_seconds"\r\n\r\n${file.keepSeconds}\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${plainName(file.name)}"\r\n` +
      `Content-Type: ${file.mediaType}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    label: file.name,
    bytes: head.length + file.bytes + tail.length,
    async *open() {
      yield head
      yield* file.open()
      yield tail
    },
  }
}

/** A name that needs no quoting rules, which servers read differently. */
function plainName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\w.-]+/g, '_')
    .slice(-100)
  return plain === '' ? 'document' : plain
}
