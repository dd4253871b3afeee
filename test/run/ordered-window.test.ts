import { describe, expect, it } from 'vitest'
import { OrderedWindow } from '../../src/run/ordered-window.ts'

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

describe('an ordered window', () => {
  it('takes values in the order in which their work began, whenever it ends', async () => {
    const taken: number[] = []
    const window = new OrderedWindow<number>(async (value) => void taken.push(value))
    const works = [later<number>(), later<number>(), later<number>()]
    for (const work of works) await window.add(work.promise, 1)
    await window.add(3, 1)
    works[2]?.resolve(2)
    works[1]?.resolve(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toEqual([])
    works[0]?.resolve(0)
    await window.drain()
    expect(taken).toEqual([0, 1, 2, 3])
  })

  it('takes at once what is ready when nothing waits', async () => {
    const taken: number[] = []
    const window = new OrderedWindow<number>(async (value) => void taken.push(value))
    await window.add(1, 1)
    expect(taken).toEqual([1])
  })

  it.each([
    ['many', 1, 128],
    ['large', 40_000_000, 2],
  ])('lets nobody add more while it holds too %s', async (_, bytes, most) => {
    const window = new OrderedWindow<number>(async () => undefined)
    const first = later<number>()
    let added = 0
    const adding = (async () => {
      for (; added < 1000; added += 1) await window.add(added === 0 ? first.promise : Promise.resolve(added), bytes)
    })()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(added).toBe(most - 1)
    first.resolve(0)
    await adding
    await window.drain()
  })

  it('throws what work throws in its turn, and can be waited out', async () => {
    const window = new OrderedWindow<number>(async () => undefined)
    const slow = later<number>()
    await window.add(Promise.reject(new Error('broken')), 1)
    await window.add(slow.promise, 1)
    await expect(window.drain()).rejects.toThrow('broken')
    let isOver = false
    const over = window.abandon().then(() => {
      isOver = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    slow.reject(new Error('also'))
    await over
  })
})
