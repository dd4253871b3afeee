import { describe, expect, test } from 'vitest'
import { HELPERS } from '../../src/prompt/helpers.ts'
import { createTemplates } from '../../src/prompt/template.ts'
import { hbs, placesOf } from './support.ts'

const templates = createTemplates({})
const values = {
  text: ' Grüße, 👩‍🚀 Welt ',
  long: 'abcdefghij',
  lines: 'one\n\n  two\r\nthree',
  five: '5',
  list: ['a', 1, true],
  mixed: ['a', null],
  nested: { b: [1], a: 'x' },
  when: '2026-02-09T05:07:09+02:00',
  born: '1999-12-31',
  stamp: 1_700_000_000_000,
  nothing: null,
  empty: '',
}
const render = (text: string): string => templates.compile(hbs(text)).render(values)

describe('helpers', () => {
  test.each([
    ['{{json nested}}', '{"b":[1],"a":"x"}'],
    ['{{json nested indent=1}}', '{\n "b": [\n  1\n ],\n "a": "x"\n}'],
    ['{{json nothing}}', 'null'],
    ['{{truncate long 5}}', 'abcd…'],
    ['{{truncate long 10}}', 'abcdefghij'],
    ['{{truncate long 4 suffix="..."}}', 'a...'],
    ['{{truncate long 2 suffix=""}}', 'ab'],
    ['{{truncate "👍👍👍" 2}}', '👍…'],
    ['{{default missing "friend"}}', 'friend'],
    ['{{default nothing empty "friend"}}', 'friend'],
    ['{{default nested.c.d "none"}}', 'none'],
    ['{{default five "friend"}}', '5'],
    ['{{default (lookup nested "zz") 7}}', '7'],
    ['{{eq five 5}} {{eq five "5"}} {{eq five "05"}} {{eq nested nested}}', 'true true false true'],
    ['{{ne five 6}} {{eq nested.zz nothing}}', 'true false'],
    ['{{gt five 10}} {{lt five 10}} {{lt "b" "a"}} {{gt "10" "9"}}', 'false true false true'],
    ['{{lt born "2000-01-01"}} {{gt nested.zz 1}}', 'true false'],
    ['{{and five long}} {{or empty nothing long}} {{not empty}}', 'abcdefghij abcdefghij true'],
    ['{{#if (and five empty)}}yes{{else}}no{{/if}}', 'no'],
    ['{{join list}} {{join list "-"}}', 'a, 1, true a-1-true'],
    ['{{upper text}}|{{lower "ÄB"}}|{{trim text}}', ' GRÜSSE, 👩‍🚀 WELT |äb|Grüße, 👩‍🚀 Welt'],
    ['{{indent lines 2}}', '  one\n\n    two\r\n  three'],
    ['{{date when}} {{date when "dddd D MMMM YYYY, HH:mm:ss"}}', '2026-02-09 Monday 9 February 2026, 03:07:09'],
    ['{{date born "DD.MM.YY [at] H"}}', '31.12.99 at 0'],
    ['{{date stamp "YYYY-MM-DD HH:mm"}}', '2023-11-14 22:13'],
  ])('%s is %j', (text, expected) => {
    expect(render(text)).toBe(expected)
  })

  test.each([
    ['{{truncate long "many"}}', 'The helper truncate needs its length as a whole number from 0; it was given "many".'],
    ['{{join long}}', 'The helper join needs a list; it was given "abcdefghij".'],
    ['{{join mixed}}', 'The helper join needs a list of texts; item 2 is null.'],
    ['{{gt nested 1}}', 'The helper gt compares numbers or texts; it was given an object.'],
    [
      '{{indent long 5000}}',
      'The helper indent needs its number of blanks as a whole number from 0 to 1000; it was given 5000.',
    ],
    [
      '{{date long}}',
      'The helper date needs an ISO 8601 date such as 2026-11-22 or milliseconds since 1970; it was given "abcdefghij".',
    ],
    [
      '{{date "2026-02-31"}}',
      'The helper date needs an ISO 8601 date such as 2026-11-22 or milliseconds since 1970; it was given "2026-02-31".',
    ],
    ['{{upper missing}}', 'Unknown name "missing".'],
  ])('%s is an error with its place', (text, expected) => {
    expect(placesOf(() => render(text))[0]).toContain(expected)
  })

  test('are all shipped, each with a sentence about it', () => {
    expect(HELPERS.map((helper) => helper.name).sort()).toEqual(
      'json truncate default eq ne gt lt and or not join upper lower trim date indent'.split(' ').sort(),
    )
    for (const { name, usage, about } of HELPERS) {
      expect(usage).toContain(name)
      expect(about).toMatch(/\.|"$/)
    }
  })
})
