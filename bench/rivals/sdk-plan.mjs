// Requests made by hand: read a line, render, stringify, write. node sdk-plan.mjs ROWS PROMPT SYSTEM OUT
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import Handlebars from 'handlebars'

const [rows, prompt, system, out] = process.argv.slice(2)
const render = Handlebars.compile(readFileSync(prompt, 'utf8'), { noEscape: true })
const text = readFileSync(system, 'utf8')
const target = createWriteStream(out)
for await (const line of createInterface({ input: createReadStream(rows), crlfDelay: Number.POSITIVE_INFINITY })) {
  const row = JSON.parse(line)
  const request = {
    custom_id: `row-${row.id}`,
    params: {
      model: 'claude-haiku-5-5',
      max_tokens: 1024,
      system: text,
      messages: [{ role: 'user', content: render(row) }],
    },
  }
  if (!target.write(`${JSON.stringify(request)}\n`)) await once(target, 'drain')
}
target.end()
await once(target, 'finish')
