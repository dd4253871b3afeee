import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/core/errors.ts'
import { formatRequestLine, parseRequestHead, parseRequestLine } from '../../src/core/request-line.ts'

const about = '{"name": "Jürgen \\"J\\"", "age": 41}'

describe('a line of a request file', () => {
  it('reads back as it was written', () => {
    const line = { ordinal: 12, key: 'a "b"\tc', about, shape: 3, bytes: 900, parts: ['"text"', '', '"more"'] }
    const stored = parseRequestLine(Buffer.from(formatRequestLine(line).slice(0, -1)))
    const { ordinal, key, shape, bytes, parts } = stored
    expect({ ordinal, key, about: stored.about, shape, bytes, parts }).toEqual(line)
    expect(stored.memory.toString('utf8', stored.aboutStart, stored.aboutEnd)).toBe(about)
  })

  it('takes a text out of the row’s own bytes where it says so', () => {
    const row = Buffer.from(about)
    const start = row.indexOf('Jürgen')
    const end = row.indexOf('", "age"')
    const line = Buffer.from(`0\t"k"\t${about}\t0\t20\t#${start},${end}\t=and`)
    expect(parseRequestLine(line).parts).toEqual(['Jürgen \\"J\\"', 'and'])
  })

  it('stands for a whole body with shape -1', () => {
    const line = formatRequestLine({ ordinal: 0, key: 'k', about: '{}', shape: -1, bytes: 2, parts: ['{}'] })
    expect(parseRequestLine(Buffer.from(line.slice(0, -1))).shape).toBe(-1)
  })

  it('says whose it is without its body', () => {
    expect(parseRequestHead(Buffer.from('7\t"k\\u00e9"\t{}'))).toEqual({ ordinal: 7, key: 'ké' })
  })

  it.each([
    'nothing',
    '1\t"k"\t{}\t0',
    'x\t"k"\t{}\t0\t1',
    '1\t"k\t{}\t0\t1',
    '1\t7\t{}\t0\t1',
    '1\t"k"\t{}\t\t1',
    '1\t"k"\t{}\t0\t',
  ])('is refused where nobody wrote it so, at the latest when that is asked for: %j', (line) => {
    for (const [before, behind] of [
      ['', ''],
      ['0\t"a"\t{}\t0\t1\n', '\n1\t"b"\t{}\t0\t1'],
    ]) {
      const bytes = Buffer.from(`${before}${line}${behind}`)
      const [start, end] = [before?.length ?? 0, (before?.length ?? 0) + line.length]
      expect(() => {
        const { key, shape, bytes: size, parts } = parseRequestLine(bytes, undefined, start, end)
        return [key, shape, size, parts]
      }).toThrow(InvariantError)
    }
  })

  it('is read out of memory in which others stand around it', () => {
    const lines = ['7\t"k"\t{"a":1}\t2\t5\t="x"\t#1,4', '8\t"l"\t{}\t-1\t2\t={}', '9\t"m"\t[]\t0\t0']
    const memory = Buffer.from(lines.join('\n'))
    let start = 0
    for (const line of lines) {
      const { ordinal, key, about, shape, bytes, parts } = parseRequestLine(
        memory,
        undefined,
        start,
        start + line.length,
      )
      const alone = parseRequestLine(Buffer.from(line))
      const of = { ordinal, key, about, shape, bytes, parts }
      expect(of).toEqual({
        ordinal: alone.ordinal,
        key: alone.key,
        about: alone.about,
        shape: alone.shape,
        bytes: alone.bytes,
        parts: alone.parts,
      })
      expect(parseRequestHead(memory, undefined, start, start + line.length)).toEqual({ ordinal, key })
      start += line.length + 1
    }
  })

  it.each(['#1', '#a,b', '#0,3', '#2,1', '@{', '?'])('is refused for the part %j when it is asked for', (part) => {
    const line = parseRequestLine(Buffer.from(`1\t"k"\t{}\t0\t1\t${part}`), () => new RangeError('damaged'))
    expect(() => line.parts).toThrow(RangeError)
  })
})
