import { expect, test } from 'vitest'
import { editDistance, nearest } from '../../src/core/nearest.ts'

test.each([
  ['modle', ['name', 'model'], 'model'],
  ['maxRequests', ['max_bytes', 'max_requests'], 'max_requests'],
  ['Sinks', ['sinks'], 'sinks'],
  ['prmopt', ['prompt', 'provider'], 'prompt'],
  ['summarize', ['summarise'], 'summarise'],
  ['fail', ['succeeded', 'failed', 'all'], 'failed'],
  ['xyz', ['model', 'name'], undefined],
  ['a', ['b', 'c'], undefined],
  ['', ['a'], undefined],
  ['model', ['model'], undefined],
])('%s is near to %s: %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})

test('a swap of neighbours is one step', () => {
  expect(editDistance('ab', 'ba')).toBe(1)
  expect(editDistance('kitten', 'sitting')).toBe(3)
})

test('very long words are not compared', () => {
  expect(nearest('a'.repeat(100_000), ['a'.repeat(100_000)])).toBeUndefined()
})
