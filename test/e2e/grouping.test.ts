import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 60
const NAMES = Array.from({ length: ROWS }, (_, row) => `r${row}`)
const job = (cache: string) => `
model: claude-haiku-5-5
dataset: { type: csv, path: data/rows.csv, key: "{{id}}" }
documents: [{ file: "data/{{file}}.txt"${cache} }]
prompt: "Question {{id}}"
sinks: [out.jsonl]
batch: { max_requests: 40 }
`

describe('rows that share a document', () => {
  let project: Project
  let emulator: RunningEmulator

  beforeEach(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project, ['--order', 'input'])
    for (const name of ['a', 'b', 'c'])
      await project.write(`data/${name}.txt`, `The tides of harbour ${name}. `.repeat(90))
    const rows = NAMES.map((name, row) => `${name},${'abc'[row % 3]}\n`)
    await project.write('data/rows.csv', `id,file\n${rows.join('')}`)
  })
  afterEach(async () => {
    await emulator.stop()
    await project.remove()
  })

  /** The documents of each batch's requests, in the order in which they were sent. */
  const sent = async (cache: string): Promise<string[]> => {
    await project.write('job.yaml', job(cache))
    const { stdout } = await project.run(['run', 'job.yaml', '--new', '--json'], { env: emulator.env })
    const { batches } = JSON.parse(stdout) as { batches: { batch_id: string }[] }
    expect((await project.lines<{ key: string }>('out.jsonl')).map(({ key }) => key)).toEqual(NAMES)
    const orders: string[] = []
    for (const { batch_id } of batches) {
      const results = await project.run(['batches', 'results', batch_id], { env: emulator.env })
      const ids = [...results.stdout.matchAll(/"custom_id":"r(\d+)-/g)].map(([, row]) => Number(row))
      orders.push(ids.map((row) => 'abc'[row % 3]).join(''))
    }
    return orders
  }

  it('travel together where the document is cached, and come out in the order of the dataset', async () => {
    expect(await sent('')).toEqual([`${'abc'.repeat(13)}a`, `${'bca'.repeat(6)}bc`])
    for (const order of await sent(', cache: 1h')) expect(order.replace(/(.)\1+/g, '$1')).toHaveLength(3)
  })
})
