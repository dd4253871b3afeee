// The only door of hyparquet: its footer parser and the pieces of its decoder. Its own reader decodes a whole row group,
// often a million rows, at once; ours (parquet-leaf.ts) walks the pages.

export { parquetMetadataAsync, parquetSchema } from 'hyparquet'
export { assembleLists, assembleNested } from 'hyparquet/src/assemble.js'
export { parquetHeader } from 'hyparquet/src/column.js'
export { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
export { decompressPage } from 'hyparquet/src/datapage.js'
export { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js'
export { snappyUncompress } from 'hyparquet/src/snappy.js'
export type { ColumnChunk, ColumnMetaData, FileMetaData, PageHeader, SchemaTree } from 'hyparquet/src/types.js'
export { compressors } from 'hyparquet-compressors'
