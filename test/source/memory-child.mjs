// Plans the rows of a dataset in a process of its own and prints how many there were and its peak memory in MiB.

import { createDuplicateCheck } from '../../build/plan/duplicates.js'
import { selectRows } from '../../build/plan/rows.js'
import { rowBlocks } from '../../build/source/blocks.js'

const [type, root, path, spill] = process.argv.slice(2)
const { [type]: source } = await import(`../../build/source/${type}.js`)
const context = { root, jobFile: 'job.yaml', signal: new AbortController().signal }
const blocks = rowBlocks(source, { path }, context)
const keys = { render: (fields) => `key-${fields.id}` }
const check = createDuplicateCheck(spill)
let count = 0
let letters = 0
for await (const block of selectRows(blocks, { type, options: {} }, keys)) {
  for (const row of block) {
    check.add(row.key, row.ordinal, row.place)
    letters += row.fields.text.length
    count++
  }
}
await check.finish()
console.log(JSON.stringify({ count, letters, peak: process.resourceUsage().maxRSS / 1024 }))
