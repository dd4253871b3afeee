import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineSink } from 'batchwright'

/** Counts the sentiments and writes the counts when all rows are there. */
export default defineSink({
  about: 'Counts per sentiment.',
  delivery: 'whole',
  options: { type: 'object', required: ['path'], properties: { path: { type: 'string' } } },
  async open({ path }, { root }) {
    const counts = {}
    return {
      location: path,
      openPart: async () => {
        const part = []
        return {
          write: ({ output }) => {
            part.push(output.sentiment)
          },
          commit: async () => {
            for (const sentiment of part) counts[sentiment] = (counts[sentiment] ?? 0) + 1
          },
          abort: async () => undefined,
        }
      },
      async finish() {
        const target = join(root, path)
        await mkdir(dirname(target), { recursive: true })
        await writeFile(`${target}.draft`, JSON.stringify(counts))
        await rename(`${target}.draft`, target)
      },
      abort: async () => undefined,
    }
  },
})
