// Results written down as they come, by the SDK's iterator. node sdk-results.mjs OUT ID…
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import Anthropic from '@anthropic-ai/sdk'

const [out, ...ids] = process.argv.slice(2)
const client = new Anthropic({ maxRetries: 0 })
const target = createWriteStream(out)
for (const id of ids) {
  for await (const { custom_id, result } of await client.messages.batches.results(id)) {
    if (result.type !== 'succeeded') continue
    const [block] = result.message.content
    const line = JSON.stringify({
      custom_id,
      output: block?.type === 'text' ? block.text : null,
      usage: result.message.usage,
    })
    if (!target.write(`${line}\n`)) await once(target, 'drain')
  }
}
target.end()
await once(target, 'finish')
