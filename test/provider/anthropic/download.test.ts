import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readBody } from '../../../src/provider/anthropic/download.ts'

const IDLE_MS = 100

/** A body that gives these pieces, then whatever `after` does. */
function bodyOf(pieces: readonly string[], after: (controller: ReadableStreamDefaultController) => void): Response {
  const queue = [...pieces]
  return new Response(
    new ReadableStream({
      pull(controller) {
        const piece = queue.shift()
        if (piece === undefined) after(controller)
        else controller.enqueue(Buffer.from(piece))
      },
    }),
  )
}

async function read(response: Response, pauseMs = 0): Promise<string> {
  let text = ''
  for await (const piece of readBody(response, 'the results of x', IDLE_MS)) {
    text += Buffer.from(piece).toString()
    await delay(pauseMs)
  }
  return text
}

describe('readBody', () => {
  it('gives every piece of a body that ends', async () => {
    expect(await read(bodyOf(['a', 'b', 'c'], (controller) => controller.close()))).toBe('abc')
    expect(await read(new Response(null))).toBe('')
  })

  it('gives up a server that falls silent', async () => {
    await expect(read(bodyOf(['a'], () => undefined))).rejects.toThrow(
      'The download of the results of x fell silent for 0.1 s.',
    )
  })

  it('lets the reader take as long as it likes', async () => {
    expect(
      await read(
        bodyOf(['a', 'b'], (controller) => controller.close()),
        IDLE_MS * 2,
      ),
    ).toBe('ab')
  })

  it('says why a body broke off', async () => {
    const broken = bodyOf(['a'], (controller) =>
      controller.error(new TypeError('terminated', { cause: new Error('other side closed') })),
    )
    await expect(read(broken)).rejects.toThrow(
      'The download of the results of x broke off: terminated: other side closed',
    )
  })

  it('releases the connection when its reader stops early', async () => {
    let isCancelled = false
    const response = new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(Buffer.from('a')),
        cancel() {
          isCancelled = true
        },
      }),
    )
    for await (const _ of readBody(response, 'x', IDLE_MS)) break
    await delay(0)
    expect(isCancelled).toBe(true)
  })
})
