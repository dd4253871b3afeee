import { oneByOne } from './blocks.ts'
import { separatedBlocks } from './csv.ts'
import { checkSeparated, separatedOptions } from './csv-options.ts'
import type { Source } from './source.ts'

export const tsv: Source = {
  type: 'tsv',
  about: 'Tab-separated values with a header line, one row a record.',
  options: separatedOptions('\t'),
  extensions: ['.tsv', '.tab'],
  check: checkSeparated,
  rows: (options, context) => oneByOne(separatedBlocks(options, context, '\t')),
  blocks: (options, context) => separatedBlocks(options, context, '\t'),
}
