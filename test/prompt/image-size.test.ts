import { describe, expect, test } from 'vitest'
import { imageSize } from '../../src/prompt/image-size.ts'
import { imageTokens } from '../../src/prompt/image-tokens.ts'
import { gif, jpeg, png, webp } from './images.ts'

const size = { width: 1234, height: 567 }

describe("an image's size", () => {
  test.each([
    ['image/png', png(1234, 567)],
    ['image/gif', gif(1234, 567)],
    ['image/jpeg', jpeg(1234, 567)],
    ['image/webp', webp(1234, 567)],
    ['image/webp', webp(1234, 567, 'lossy')],
    ['image/webp', webp(1234, 567, 'lossless')],
  ])('is read from %s', (mediaType, bytes) => {
    expect(imageSize(bytes, mediaType)).toEqual(size)
    // Also where the bytes are a view into a larger buffer.
    const shifted = Buffer.concat([Buffer.from('xyz'), bytes]).subarray(3)
    expect(imageSize(shifted, mediaType)).toEqual(size)
  })

  test.each([
    ['cut off', 'image/png', png(9, 9).subarray(0, 18)],
    ['of no width', 'image/png', png(0, 9)],
    ['without a frame', 'image/jpeg', Buffer.from('ffd8ffd9', 'hex')],
    ['with a segment that points beyond the end', 'image/jpeg', Buffer.from('ffd8ffe0ffff', 'hex')],
    ['made of noise', 'image/jpeg', Buffer.from('ffd812345678', 'hex')],
    ['of an unknown form', 'image/webp', Buffer.from('RIFF\0\0\0\0WEBPXXXX'.padEnd(60, '\0'), 'latin1')],
    ['of another type', 'image/tiff', png(9, 9)],
  ])('is not known of one %s', (_, mediaType, bytes) => {
    expect(imageSize(bytes, mediaType)).toBeUndefined()
  })

  test('says how many tokens it takes, up to the cap', () => {
    expect(imageTokens(1, 1)).toBe(1)
    expect(imageTokens(29, 56)).toBe(4)
    expect(imageTokens(8000, 8000)).toBe(4784)
    expect(imageTokens(8000, 8000, 1568), 'of a model with a lower cap').toBe(1568)
  })
})
