// Where the bytes of documents and images come from: what can be said before anything is fetched or read.

import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { invalidRequest } from '../api-error.ts'
import { listAt, objectAt, oneOf, stringAt } from './fields.ts'

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
const MAX_IMAGE_BASE64 = 10 * 1024 * 1024
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export function checkDocument(block: JsonObject, place: string): void {
  const source = objectAt(block.source, `${place}.document.source`)
  const at = `${place}.document.source`
  switch (oneOf(source.type, ['base64', 'text', 'content', 'url', 'file'], `${at}.type`)) {
    case 'base64':
      oneOf(source.media_type, ['application/pdf'], `${at}.base64.media_type`)
      checkBase64(source, `${at}.base64`)
      break
    case 'text':
      oneOf(source.media_type, ['text/plain'], `${at}.text.media_type`)
      if (stringAt(source.data, `${at}.text.data`) === '') {
        throw invalidRequest(`${at}.text.data: String should have at least 1 character`)
      }
      break
    case 'content':
      if (typeof source.content !== 'string') listAt(source.content, `${at}.content.content`)
      break
    case 'url':
      stringAt(source.url, `${at}.url.url`)
      break
    default:
      stringAt(source.file_id, `${at}.file.file_id`)
  }
  for (const name of ['title', 'context']) {
    const value = block[name]
    if (value !== undefined && value !== null) stringAt(value, `${place}.document.${name}`)
  }
  if (block.citations !== undefined && block.citations !== null) {
    const citations = objectAt(block.citations, `${place}.document.citations`)
    if (citations.enabled !== undefined && typeof citations.enabled !== 'boolean') {
      throw invalidRequest(`${place}.document.citations.enabled: Input should be a valid boolean`)
    }
  }
}

export function checkImage(block: JsonObject, place: string): void {
  const at = `${place}.image.source`
  const source = objectAt(block.source, at)
  switch (oneOf(source.type, ['base64', 'url', 'file'], `${at}.type`)) {
    case 'base64': {
      const mediaType = oneOf(source.media_type, IMAGE_TYPES, `${at}.base64.media_type`)
      const data = checkBase64(source, `${at}.base64`)
      if (data.length > MAX_IMAGE_BASE64) {
        throw invalidRequest(
          `${at}.base64: image exceeds 10 MB maximum: ${data.length} bytes > ${MAX_IMAGE_BASE64} bytes`,
        )
      }
      const actual = imageTypeOf(Buffer.from(data.slice(0, 64), 'base64'))
      if (actual !== undefined && actual !== mediaType) {
        throw invalidRequest(
          `${at}.base64.data: The image was specified using the ${mediaType} media type, but the image appears to be a ${actual} image`,
        )
      }
      break
    }
    case 'url':
      stringAt(source.url, `${at}.url.url`)
      break
    default:
      stringAt(source.file_id, `${at}.file.file_id`)
  }
}

function checkBase64(source: JsonObject, place: string): string {
  const data = stringAt(source.data, `${place}.data`)
  if (data === '') throw invalidRequest(`${place}.data: String should have at least 1 character`)
  if (!BASE64.test(data) || data.length % 4 === 1) throw invalidRequest(`${place}.data: Invalid base64 data`)
  return data
}

function imageTypeOf(head: Buffer): string | undefined {
  if (head.length < 12) return undefined
  if (head.readUInt32BE(0) === 0x89504e47) return 'image/png'
  if (head.readUInt16BE(0) === 0xffd8) return 'image/jpeg'
  if (head.toString('latin1', 0, 4) === 'GIF8') return 'image/gif'
  return head.toString('latin1', 8, 12) === 'WEBP' ? 'image/webp' : undefined
}

export function isCited(block: JsonObject): boolean {
  return isJsonObject(block.citations) && block.citations.enabled === true
}
