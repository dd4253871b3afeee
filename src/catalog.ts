// Everything pluggable, one line each: add a component here and the schema, the docs and `--help` know it.

import { anthropic } from './provider/anthropic/anthropic.ts'
import type { Provider } from './provider/provider.ts'
import { csv as csvSink } from './sink/csv.ts'
import { files as filesSink } from './sink/files.ts'
import { json as jsonSink } from './sink/json.ts'
import { jsonl as jsonlSink } from './sink/jsonl.ts'
import type { Sink } from './sink/sink.ts'
import { tsv as tsvSink } from './sink/tsv.ts'
import { csv } from './source/csv.ts'
import { files } from './source/files.ts'
import { jsonl } from './source/jsonl.ts'
import { rows } from './source/rows.ts'
import type { Source } from './source/source.ts'
import { tsv } from './source/tsv.ts'

export interface Catalog {
  readonly sources: readonly Source[]
  readonly sinks: readonly Sink[]
  readonly providers: readonly Provider[]
}

export const catalog: Catalog = {
  sources: [rows, csv, tsv, jsonl, files],
  sinks: [jsonlSink, csvSink, tsvSink, jsonSink, filesSink],
  providers: [anthropic],
}
