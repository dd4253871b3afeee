// Every key of the job language through the command line. Here: what a request says, seen with `plan --show`. How a run
// behaves is in keys-run.test.ts. The jobs of both are in keys-jobs.ts, and no key of the schema may be missing there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { parseYaml } from '../../src/job/parse.ts'
import type { Project } from '../support/cli.ts'
import { keysOf, usedKeys } from '../support/job-keys.ts'
import { COVERED_ELSEWHERE, DATASETS, JOBS } from './keys-jobs.ts'
import { keysProject } from './keys-project.ts'

const REPO = join(import.meta.dirname, '../..')

interface Preview {
  readonly key: string
  readonly params: JsonObject & { readonly messages: readonly { readonly role: string; readonly content: unknown }[] }
}

describe('the schema of the job', () => {
  const keys = [...keysOf(JSON.parse(readFileSync(join(REPO, 'schemas/job.schema.json'), 'utf8')) as JsonObject)]
  const jobs = [...Object.values(JOBS), ...Object.values(DATASETS).map(({ text }) => text)]
  const used = new Set(jobs.flatMap((text) => [...usedKeys(parseYaml(text).data as Json)]))

  it('has no key that is not tried through the command line', () => {
    expect(keys.length).toBeGreaterThan(110)
    expect(keys.filter((key) => !used.has(key) && COVERED_ELSEWHERE[key] === undefined)).toEqual([])
  })

  it.each(Object.entries(COVERED_ELSEWHERE))('has the key %s, which %s tries', (key, test) => {
    expect(keys).toContain(key)
    expect(used.has(key), 'it is tried here too').toBe(false)
    expect(existsSync(join(REPO, test))).toBe(true)
  })
})

describe('the keys that say what is asked', () => {
  let project: Project
  beforeAll(async () => {
    project = await keysProject()
    for (const [name, text] of Object.entries(JOBS)) await project.write(`jobs/${name}.yaml`, text)
    for (const [type, { text }] of Object.entries(DATASETS)) await project.write(`jobs/from-${type}.yaml`, text)
  })
  afterAll(() => project.remove())

  const planned = async (job: string, ...args: string[]): Promise<{ plan: JsonObject; previews: Preview[] }> => {
    const { code, stdout, stderr } = await project.run(['plan', `jobs/${job}.yaml`, '--show', '50', '--json', ...args])
    expect(code, stderr).toBe(0)
    const documents = stderr.split(/^(?=\{$)/m).filter((text) => text.startsWith('{'))
    return { plan: JSON.parse(stdout) as JsonObject, previews: documents.map((text) => JSON.parse(text) as Preview) }
  }

  it('choose rows, fill texts, and give way to the command line', async () => {
    const [own, changed, all] = await Promise.all([
      planned('rows', '--var', 'language=German'),
      planned('rows', '--limit', '1', '--set', 'params.max_tokens=5'),
      planned('rows', '--set', 'dataset.sample.size=9', '--set', 'dataset.limit=9'),
    ])
    expect(own.plan).toMatchObject({ job: 'the-rows', rows: 4, requests: 4, rejected: [] })
    const [names, topics] = [0, 1].map((part) => own.previews.map(({ key }) => key.split('-')[part]))
    expect(topics).toEqual(['tea', 'rain', 'tea', 'rain'])
    expect(names?.[0]).toBe(names?.[1])
    expect(own.previews[0]?.params).toMatchObject({
      model: 'claude-haiku-5-5',
      max_tokens: 77,
      stop_sequences: ['END'],
      output_config: { effort: 'low' },
    })
    expect(textsOf(own.previews[0]?.params.system)).toEqual(['Speak German and be calm.'])
    expect(lastText(own.previews[0])).toBe(`${names?.[0]?.toUpperCase()} on tea for the-rows`)
    expect(JSON.stringify(own.previews)).not.toContain('Never sent')
    expect(changed.plan.rows).toBe(2)
    expect(changed.previews[0]?.params.max_tokens).toBe(5)
    expect(all.previews.map(({ key }) => key.split('-')[0])).toEqual('Ann Ann Bo Bo Cy Cy Ed Ed'.split(' '))
  })

  it('are checked, the version of the language too', async () => {
    const refused = await project.run(['plan', 'jobs/rows.yaml', '--set', 'version=2'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--set version=2.*\b1\b/)])
  })

  it('attach documents of every kind, with marks for the cache', async () => {
    const { previews } = await planned('documents')
    expect(contentOf(previews[0])).toMatchObject([
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf' },
        title: 'For Ann',
        context: 'Page 2',
        citations: { enabled: true },
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
      { type: 'image', source: { type: 'base64', media_type: 'image/png' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain' } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      { type: 'document', source: { type: 'text', data: 'A text.' } },
      { type: 'document', source: { type: 'file', file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' } },
      { type: 'text', text: 'Hello Ann!', cache_control: { type: 'ephemeral', ttl: '5m' } },
    ])
    expect(previews[0]?.params.system).toMatchObject([{ text: 'Hello Ann!', cache_control: { ttl: '1h' } }])
  })

  it('make a conversation, and offer tools', async () => {
    const { previews } = await planned('turns')
    const params = previews[0]?.params
    expect(textsOf(params?.system)).toEqual(['Be brief.'])
    expect(params?.messages.map(({ role, content }) => [role, textsOf(content)])).toEqual([
      ['user', ['One?']],
      ['assistant', ['1']],
      ['user', ['Hello']],
      ['assistant', ['2']],
      ['user', ['Three: Why?', '(Why?)', 'Last']],
    ])
    expect(params?.messages[0]?.content).toMatchObject([{ cache_control: { ttl: '1h' } }])
    expect(contentOf(previews[0])[0]).toMatchObject({ cache_control: { ttl: '5m' } })
    expect(params?.tools).toMatchObject([
      { name: 'lookup', description: 'Looks up.', input_schema: { type: 'object' } },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    ])
  })

  it.concurrent.each(Object.entries(DATASETS))('read a dataset of type %s', async (type, { keys, first }) => {
    const { previews } = await planned(`from-${type}`)
    expect(previews.map(({ key }) => key)).toEqual(keys)
    expect(lastText(previews[0])).toBe(first)
  })

  it('read the same with another root', async () => {
    await project.write('other/data/rows.csv', 'name,stars\nZoe,5\n')
    const { previews } = await planned('rows', '--root', 'other')
    expect(previews.map(({ key }) => key)).toEqual(['Zoe-tea', 'Zoe-rain'])
  })
})

function contentOf(preview: Preview | undefined): JsonObject[] {
  const content = preview?.params.messages.at(-1)?.content
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content as JsonObject[])
}

function textsOf(content: unknown): unknown[] {
  return typeof content === 'string' ? [content] : (content as JsonObject[]).map(({ text }) => text)
}

function lastText(preview: Preview | undefined): unknown {
  return contentOf(preview).at(-1)?.text
}
