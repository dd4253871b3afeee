// The same with the AI SDK's batch call. node ai-sdk.mjs ROWS PROMPT SYSTEM OUT PER_BATCH
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createAnthropic } from '@ai-sdk/anthropic'
import { experimental_getBatchResults, experimental_getBatchStatus, experimental_startBatch } from 'ai'
import Handlebars from 'handlebars'

const [file, prompt, system, out, perBatch] = process.argv.slice(2)
const provider = createAnthropic({ apiKey: 'bench', baseURL: `${process.env.ANTHROPIC_BASE_URL}/v1` })
const render = Handlebars.compile(readFileSync(prompt, 'utf8'), { noEscape: true })
const text = readFileSync(system, 'utf8')

const rows = new Map()
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
  const row = JSON.parse(line)
  rows.set(`row-${row.id}`, row)
}
const requests = [...rows].map(([id, row]) => ({
  id,
  type: 'text',
  model: 'claude-haiku-5-5',
  maxOutputTokens: 1024,
  system: text,
  prompt: render(row),
}))
const batches = []
for (let from = 0; from < requests.length; from += Number(perBatch)) {
  batches.push(await experimental_startBatch({ provider, requests: requests.slice(from, from + Number(perBatch)) }))
}
const target = createWriteStream(out)
for (const batch of batches) {
  while ((await experimental_getBatchStatus({ provider, batch })).status !== 'completed') {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const results = await experimental_getBatchResults({ provider, batch })
  for await (const result of results) {
    if (result.status !== 'succeeded') continue
    if (!target.write(`${JSON.stringify({ ...rows.get(result.id), output: result.text })}\n`))
      await once(target, 'drain')
  }
}
target.end()
await once(target, 'finish')
