/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what is tested. */
import { expect, test } from 'vitest'
import { fillEnv, namesEnv } from '../../src/core/env-text.ts'

const env = { NAME: 'x', EMPTY: '', HTML: '${NAME}' }

test.each([
  ['a ${NAME} b ${NAME}', 'a x b x', []],
  ['${EMPTY}', '', []],
  ['${EMPTY:-d}', 'd', []],
  ['${NONE:-}', '', []],
  ['${NONE:-a:-b c}', 'a:-b c', []],
  ['${NONE} and ${ALSO}', '${NONE} and ${ALSO}', ['NONE', 'ALSO']],
  ['$${NAME}', '${NAME}', []],
  ['${HTML}', '${NAME}', []],
  ['$NAME ${1} ${a b} ${', '$NAME ${1} ${a b} ${', []],
  ['${toString}', '${toString}', ['toString']],
])('%s becomes %s', (text, filled, missing) => {
  expect(fillEnv(text, env)).toEqual({ text: filled, missing })
})

test('a text without a reference names none', () => {
  expect([namesEnv('a $b {c}'), namesEnv('${A}'), namesEnv('$${A}')]).toEqual([false, true, true])
})
