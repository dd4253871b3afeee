// Everything pluggable, one line each: add a component here and the schema, the docs and `--help` know it.

import { InvariantError } from './core/errors.ts'
import { anthropic } from './provider/anthropic/anthropic.ts'
import type { Provider } from './provider/provider.ts'
import { csv as csvSink } from './sink/csv.ts'
import { files as filesSink } from './sink/files.ts'
import { json as jsonSink } from './sink/json.ts'
import { jsonl as jsonlSink } from './sink/jsonl.ts'
import { module as moduleSink } from './sink/module.ts'
import { parquet as parquetSink } from './sink/parquet.ts'
import { postgres } from './sink/postgres.ts'
import type { Sink } from './sink/sink.ts'
import { sqlite } from './sink/sqlite.ts'
import { createStdoutSink } from './sink/stdout.ts'
import { tsv as tsvSink } from './sink/tsv.ts'
import { webhook } from './sink/webhook.ts'
import { fileSources } from './source/file-sources.ts'
import { files } from './source/files.ts'
import { module } from './source/module.ts'
import { resultsSource } from './source/results.ts'
import { rows } from './source/rows.ts'
import type { Source } from './source/source.ts'
import { sql } from './source/sql.ts'

export interface Catalog {
  readonly sources: readonly Source[]
  readonly sinks: readonly Sink[]
  readonly providers: readonly Provider[]
}

/** Only declared here: the app gives the real one the process's standard output. */
const stdout = createStdoutSink(() => Promise.reject(new InvariantError('The declared stdout sink is never written.')))

/** Likewise: the app gives the real one the runs of the project. */
const results = resultsSource(() => {
  throw new InvariantError('The declared results source is never read.')
})

export const sources: readonly Source[] = [rows, ...fileSources, files, sql, results, module]
export const sinks: readonly Sink[] = [
  ...[jsonlSink, csvSink, tsvSink, jsonSink, parquetSink, filesSink],
  ...[sqlite, postgres, webhook, stdout, moduleSink],
]
export const providers: readonly Provider[] = [anthropic]

export const catalog: Catalog = { sources, sinks, providers }
