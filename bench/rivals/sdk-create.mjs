// One batch of ready requests through the SDK's own call. node sdk-create.mjs REQUESTS COUNT; prints its milliseconds.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import Anthropic from '@anthropic-ai/sdk'

const [file, count] = process.argv.slice(2)
const client = new Anthropic({ maxRetries: 0 })
const start = performance.now()
const requests = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  requests.push(JSON.parse(line))
  if (requests.length === Number(count)) break
}
await client.messages.batches.create({ requests })
process.stdout.write(String(performance.now() - start))
