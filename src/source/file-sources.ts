// The sources that need nothing but their options and the files that `path` names: a thread of its own may read them.

import { csv } from './csv.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { parquet } from './parquet.ts'
import type { Source } from './source.ts'
import { tsv } from './tsv.ts'

export const fileSources: readonly Source[] = [csv, tsv, jsonl, json, parquet]
