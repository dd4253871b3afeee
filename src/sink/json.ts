import { jsonFileSink } from './json-file.ts'

export const json = jsonFileSink('json', {
  about: 'One JSON array with an object for every row, one a line: the whole outcome, or the columns you name.',
  extensions: ['.json'],
  frame: {
    head: '[',
    around: (position) => [position === 0 ? '\n' : ',\n', ''],
    tail: (items) => (items === 0 ? ']\n' : '\n]\n'),
  },
})
