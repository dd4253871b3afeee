// What one writes with the SDK for a whole dataset: read, render, create batches, wait, write the answers beside the rows.
// node sdk-whole.mjs ROWS PROMPT SYSTEM OUT PER_BATCH
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import Anthropic from '@anthropic-ai/sdk'
import Handlebars from 'handlebars'

const [file, prompt, system, out, perBatch] = process.argv.slice(2)
const client = new Anthropic()
const render = Handlebars.compile(readFileSync(prompt, 'utf8'), { noEscape: true })
const text = readFileSync(system, 'utf8')

const rows = new Map()
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
  const row = JSON.parse(line)
  rows.set(`row-${row.id}`, row)
}
const requests = [...rows].map(([custom_id, row]) => ({
  custom_id,
  params: {
    model: 'claude-haiku-5-5',
    max_tokens: 1024,
    system: text,
    messages: [{ role: 'user', content: render(row) }],
  },
}))
const batches = []
for (let from = 0; from < requests.length; from += Number(perBatch)) {
  const part = requests.slice(from, from + Number(perBatch))
  batches.push(await client.messages.batches.create({ requests: part }))
}
const target = createWriteStream(out)
for (const { id } of batches) {
  while ((await client.messages.batches.retrieve(id)).processing_status !== 'ended') {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for await (const { custom_id, result } of await client.messages.batches.results(id)) {
    if (result.type !== 'succeeded') continue
    const [block] = result.message.content
    const line = JSON.stringify({ ...rows.get(custom_id), output: block?.type === 'text' ? block.text : null })
    if (!target.write(`${line}\n`)) await once(target, 'drain')
  }
}
target.end()
await once(target, 'finish')
