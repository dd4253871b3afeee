// One batch through the AI SDK's own call. node ai-create.mjs REQUESTS COUNT; prints its milliseconds.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createAnthropic } from '@ai-sdk/anthropic'
import { experimental_startBatch } from 'ai'

const [file, count] = process.argv.slice(2)
const provider = createAnthropic({ apiKey: 'bench', baseURL: `${process.env.ANTHROPIC_BASE_URL}/v1` })
const start = performance.now()
const requests = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  const { custom_id, params } = JSON.parse(line)
  const [{ content }] = params.messages
  requests.push({
    id: custom_id,
    type: 'text',
    model: params.model,
    maxOutputTokens: params.max_tokens,
    system: params.system,
    prompt: content,
  })
  if (requests.length === Number(count)) break
}
await experimental_startBatch({ provider, requests })
process.stdout.write(String(performance.now() - start))
