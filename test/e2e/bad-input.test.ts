import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'

/** Each way to get a job wrong, and the words that must help. */
const CASES: readonly {
  readonly name: string
  readonly job: string
  readonly files?: Readonly<Record<string, string>>
  readonly says: readonly (string | RegExp)[]
}[] = [
  {
    name: 'a typo in a key',
    job: 'modle: claude-haiku-5-5\ndataset: data.csv\nprompt: "{{text}}"\nsinks: [out/x.jsonl]\n',
    says: ['job.yaml:1:1', 'modle', 'Did you mean "model"'],
  },
  {
    name: 'a missing template',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\nprompt: { template: templates/clasify.hbs }\nsinks: [out/x.jsonl]\n',
    files: { 'templates/classify.hbs': '{{text}}' },
    says: [/job\.yaml:3:\d+/, 'templates/clasify.hbs', 'templates/classify.hbs'],
  },
  {
    name: 'a missing PDF',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\ndocuments: [{ file: "{{text}}.pdf" }]\nprompt: Summarise.\nsinks: [out/x.jsonl]\n',
    says: ['good.pdf', 'does not exist'],
  },
  {
    name: 'a file that only pretends to be a PDF',
    job: 'model: claude-haiku-5-5\ndataset: docs/*.pdf\ndocuments: [{ file: "{{file.path}}" }]\nprompt: Summarise.\nsinks: [out/x.jsonl]\n',
    files: { 'docs/fake.pdf': '<html><body>Not found</body></html>' },
    says: ['docs/fake.pdf', /not a PDF/],
  },
  {
    name: 'a duplicate key',
    job: 'model: claude-haiku-5-5\ndataset: { type: csv, path: data.csv, key: "{{label}}" }\nprompt: "{{text}}"\nsinks: [out/x.jsonl]\n',
    says: ['"same"', /data\.csv:2/, /data\.csv:3/],
  },
  {
    name: 'a name that no row has',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\nprompt: { template: templates/ask.hbs }\nsinks: [out/x.jsonl]\n',
    files: { 'templates/ask.hbs': 'Is this good?\n{{txet}}' },
    says: ['templates/ask.hbs:2:3', 'txet', 'text'],
  },
  {
    name: 'a model that does not exist any more',
    job: 'model: claude-3-opus-20240229\ndataset: data.csv\nprompt: "{{text}}"\nsinks: [out/x.jsonl]\n',
    says: [/job\.yaml:1:\d+/, 'claude-3-opus-20240229'],
  },
  {
    name: 'a block that is never closed',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\nprompt: { template: templates/ask.hbs }\nsinks: [out/x.jsonl]\n',
    files: { 'templates/ask.hbs': 'Is this good?\n{{#if text}}\n{{text}}\n' },
    says: ['templates/ask.hbs:2:1', '{{#if}}', 'Close it with {{/if}}.'],
  },
  {
    name: 'half a character, for which a provider would refuse the whole batch',
    job: 'model: claude-haiku-5-5\ndataset: rows.jsonl\nprompt: "{{text}}"\nsinks: [out/x.jsonl]\n',
    files: { 'rows.jsonl': '{"text":"whole 😀"}\n{"text":"cut \\ud83d"}\n' },
    says: ['rows.jsonl:2', 'half a character', 'no provider takes'],
  },
  {
    name: 'the results of a job that never ran',
    job: 'model: claude-haiku-5-5\ndataset: { type: results, job: summaries }\nprompt: "{{text}}"\nsinks: [out/x.jsonl]\n',
    says: [/job\.yaml:2:\d+/, '"summaries" has no run yet', 'Run it first'],
  },
  {
    name: 'a schema with a misspelt keyword',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\nprompt: "{{text}}"\noutput: { schema: { type: object, propertes: { a: { type: string } } } }\nsinks: [out/x.jsonl]\n',
    says: [/job\.yaml:4:\d+/, 'names no properties', 'Did you mean "properties" where it says "propertes"?'],
  },
  {
    name: 'a sink below a file',
    job: 'model: claude-haiku-5-5\ndataset: data.csv\nprompt: "{{text}}"\nsinks: [data.csv/x.jsonl]\n',
    says: ['data.csv'],
  },
]

describe('a job that is wrong', () => {
  let project: Project
  let emulator: RunningEmulator
  beforeAll(async () => {
    project = await createProject()
    emulator = await startEmulatorProcess(project)
    await project.write('data.csv', 'text,label\ngood,same\nbad,same\n')
  })
  afterAll(async () => {
    await emulator.stop()
    await project.remove()
  })

  for (const { name, job, files, says } of CASES) {
    it(`with ${name} exits 2 in words, and nothing is sent`, async () => {
      await project.write('job.yaml', job)
      for (const [path, text] of Object.entries(files ?? {})) await project.write(path, text)
      const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
      for (const words of says) expect(stderr).toMatch(words)
      expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
      expect(code).toBe(2)
      expect((await emulator.stats()).calls.create ?? 0).toBe(0)
    })
  }
})
