// What the emulator answers: sentences of the request's own documents, values that fit a schema, calls of tools.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Anthropic from '@anthropic-ai/sdk'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import { asking, openWorld, requestsOf, resultsOf, runBatch, temporaryFolder, textOf, type World } from './world.ts'

const OTTER = ['Report of the otter station.', 'Forty otters were seen in spring.', 'The river was clean.']
const BADGER = ['Notes on badgers.', 'A badger digs at night.', 'Seven setts were counted.']
let otterPdf: string
let badgerPdf: string

beforeAll(async () => {
  otterPdf = await pdfOf([OTTER.slice(0, 2), OTTER.slice(2)])
  badgerPdf = await pdfOf([BADGER])
})

describe('extract', () => {
  it('answers with sentences of the PDF that was sent', async () => {
    const client = (await openWorld()).client()
    const requests = [
      { custom_id: 'otter', params: asking([pdf(otterPdf), text('Summarise this.')]) },
      { custom_id: 'badger', params: asking([pdf(badgerPdf), text('Summarise this.')]) },
    ]
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    for (const sentence of OTTER) expect(textOf(results.get('otter'))).toContain(sentence)
    for (const sentence of BADGER) expect(textOf(results.get('badger'))).toContain(sentence)
    expect(textOf(results.get('badger'))).not.toContain('otter')
  })

  it('quotes each of several documents', async () => {
    const client = (await openWorld()).client()
    const long = Array.from({ length: 500 }, (_, at) => `Sentence ${at} of the long text stands here.`).join(' ')
    const blocks = [pdf(otterPdf), plain(long, 'long.txt'), pdf(badgerPdf), text('Compare these.')]
    const message = await client.messages.create(asking(blocks))
    const said = JSON.stringify(message.content)
    for (const words of [OTTER[0], BADGER[0], 'long.txt: Sentence 0 of the long text stands here.'])
      expect(said).toContain(words)
    expect(said.length).toBeLessThan(2000)
  })

  it('is the same for the same content, in any batch and with any id', async () => {
    const world = await openWorld()
    const client = world.client()
    const answerOf = async (id: string) => {
      const batch = await runBatch(client, [{ custom_id: id, params: asking('A sentence. Another one.') }])
      return textOf((await resultsOf(client, batch.id)).get(id))
    }
    expect(await answerOf('a')).toBe(await answerOf('b'))
  })

  it('cites where each sentence stands', async () => {
    const client = (await openWorld()).client()
    const citations = { enabled: true }
    const blocks = [
      { ...pdf(otterPdf), title: 'Otters', citations },
      { ...plain('First fact here.\nSecond  fact\nhere.', 'facts.txt'), citations },
      { type: 'document', source: { type: 'content', content: [text('One block.'), text('Two blocks.')] }, citations },
      text('What is said?'),
    ]
    const message = await client.messages.create(asking(blocks))
    const cited = message.content.flatMap((block) => (block.type === 'text' ? (block.citations ?? []) : []))
    expect(cited).toContainEqual({
      type: 'page_location',
      cited_text: OTTER[2],
      document_index: 0,
      document_title: 'Otters',
      file_id: null,
      start_page_number: 2,
      end_page_number: 3,
    })
    expect(cited).toContainEqual(
      expect.objectContaining({
        type: 'char_location',
        cited_text: 'First fact here.',
        start_char_index: 0,
        end_char_index: 16,
      }),
    )
    expect(cited).toContainEqual(
      expect.objectContaining({
        type: 'content_block_location',
        cited_text: 'Two blocks.',
        start_block_index: 1,
        document_index: 2,
      }),
    )
  })

  it('gives a value that fits the schema, with the words of the document', async () => {
    const client = (await openWorld()).client()
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        animals: { type: 'array', items: { type: 'string' }, minItems: 1 },
        mood: { enum: ['good', 'bad'] },
      },
      required: ['title', 'animals', 'mood'],
      additionalProperties: false,
    }
    const params = asking([pdf(otterPdf), text('Extract.')], {
      output_config: { format: { type: 'json_schema', schema } },
    })
    const results = await resultsOf(client, (await runBatch(client, [{ custom_id: 'a', params }])).id)
    const value = JSON.parse(textOf(results.get('a')))
    expect(compileSchema(schema).validate(value)).toEqual([])
    expect(value.title).toBe(OTTER[0])
  })

  it('keeps to a schema that stands in the words of the prompt', async () => {
    const client = (await openWorld()).client()
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' }, n: { type: 'integer' } },
      required: ['title', 'n'],
    }
    const words = `Name the station.\nAnswer with JSON that is valid against this JSON Schema:\n${JSON.stringify(schema)}`
    const value = JSON.parse(
      textOf({ message: (await client.messages.create(asking([pdf(otterPdf), text(words)]))) as never }),
    )
    expect(compileSchema(schema).validate(value)).toEqual([])
    expect(value.title).toBe(OTTER[0])
    const plainly = await client.messages.create(asking('What is a JSON Schema? Is {this} one?'))
    expect(textOf({ message: plainly as never })).toContain('What is')
  })

  it('calls a tool with fitting input, then answers once its result is there', async () => {
    const client = (await openWorld()).client()
    const input_schema: Anthropic.Tool.InputSchema = {
      type: 'object',
      properties: { term: { type: 'string', maxLength: 20 }, limit: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['term', 'limit'],
    }
    const tools = [{ name: 'lookup', description: 'Looks up a term.', input_schema }]
    const first = await client.messages.create(asking('What does an otter eat?', { tools }))
    expect(first.stop_reason).toBe('tool_use')
    const call = first.content.find((block) => block.type === 'tool_use')
    expect(call).toMatchObject({ name: 'lookup', id: expect.stringMatching(/^toolu_01/) })
    expect(compileSchema(input_schema as unknown as JsonObject).validate(call?.input)).toEqual([])
    const second = await client.messages.create({
      ...asking('What does an otter eat?', { tools }),
      messages: [
        { role: 'user', content: 'What does an otter eat?' },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Otters eat fish.' }] },
      ],
    })
    expect(second.stop_reason).toBe('end_turn')
    expect(JSON.stringify(second.content)).toContain('Otters eat fish.')
    const forced = await client.messages.create(
      asking('Hello there.', { tools, tool_choice: { type: 'tool', name: 'lookup' } }),
    )
    expect(forced.content[0]).toMatchObject({ type: 'tool_use', name: 'lookup' })
    const none = await client.messages.create(asking('Hello there.', { tools, tool_choice: { type: 'none' } }))
    expect(none.stop_reason).toBe('end_turn')
  })

  it('is cut at max_tokens and at stop sequences, and thinks where it is asked to', async () => {
    const client = (await openWorld()).client()
    const cut = await client.messages.create(asking('A sentence that has more than three tokens.', { max_tokens: 3 }))
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 3 } })
    expect(textOf({ message: cut as never }).length).toBeLessThanOrEqual(9)
    const stopped = await client.messages.create(asking('Left STOP right', { stop_sequences: ['STOP'] }))
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'STOP' })
    expect(textOf({ message: stopped as never })).toBe('Left ')
    const thought = await client.messages.create(asking('Think about otters.', { thinking: { type: 'adaptive' } }))
    expect(thought.content.map((block) => block.type)).toEqual(['thinking', 'text'])
    expect(thought.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0)
  })
})

describe('usage', () => {
  it('counts a cached prefix as written once in a batch, then as read', async () => {
    const client = (await openWorld({ order: 'input' })).client()
    const system = [{ type: 'text', text: 'Rules. '.repeat(1000), cache_control: { type: 'ephemeral', ttl: '1h' } }]
    const requests = requestsOf(3).map((one) => ({ ...one, params: { ...one.params, system } as never }))
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    const usages = [...results.values()].map((result) => (result.message as unknown as Anthropic.Message).usage)
    const written = usages.filter((usage) => (usage.cache_creation_input_tokens ?? 0) > 0)
    const read = usages.filter((usage) => (usage.cache_read_input_tokens ?? 0) > 0)
    expect([written.length, read.length]).toEqual([1, 2])
    expect(written[0]?.cache_creation?.ephemeral_1h_input_tokens).toBe(read[0]?.cache_read_input_tokens)
    expect(written[0]?.input_tokens).toBe(read[0]?.input_tokens)
  })

  it('counts pages, images and text by a rule that can be checked by hand', async () => {
    const client = (await openWorld()).client()
    const count = async (content: unknown) =>
      (
        await client.messages.countTokens({
          model: 'claude-haiku-4-5',
          messages: [{ role: 'user', content: content as string }],
        })
      ).input_tokens
    expect(await count('12345678')).toBe(4 + 2)
    const pages = await count([pdf(otterPdf)])
    expect(pages).toBeGreaterThan(4 + 2 * 1500)
    expect(pages).toBeLessThan(4 + 2 * 1500 + 60)
    // A PNG of 56 by 84 pixels: its header is enough.
    const png = Buffer.alloc(33)
    png.writeUInt32BE(0x89504e47, 0)
    png.writeUInt32BE(56, 16)
    png.writeUInt32BE(84, 20)
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } }
    expect(await count([image])).toBe(4 + 6)
  })
})

describe('other modes', () => {
  it('echo says what the user said last', async () => {
    const client = (await openWorld({ answers: 'echo' })).client()
    const message = await client.messages.create(asking([pdf(otterPdf), text('Only this.')]))
    expect(message.content).toMatchObject([{ type: 'text', text: 'Only this.' }])
  })

  it('fixture answers from a file, by the first line that matches', async () => {
    const file = join(await temporaryFolder(), 'fixtures.jsonl')
    const lines = [
      { match: 'otter', text: 'It swims.' },
      { match: 'badger', content: [{ type: 'tool_use', id: 'toolu_1', name: 'dig', input: {} }] },
      { match: 'ghost', error: 'overloaded_error' },
    ]
    await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'))
    const client = (await openWorld({ answers: `fixture:${file}` })).client()
    const about = ['otter', 'badger', 'ghost', 'fox']
    const requests = about.map((animal) => ({ custom_id: animal, params: asking(`About the ${animal}.`) }))
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    expect(textOf(results.get('otter'))).toBe('It swims.')
    expect(results.get('badger')).toMatchObject({ message: { stop_reason: 'tool_use', content: [{ name: 'dig' }] } })
    expect(results.get('ghost')).toMatchObject({ error: { error: { type: 'overloaded_error' } } })
    expect(results.get('fox')).toMatchObject({
      error: { error: { message: expect.stringContaining('No line of the fixture') } },
    })
  })

  it('that do not exist, and fixtures with mistakes, are refused with a reason', async () => {
    await expect(openWorld({ answers: 'nonsense' })).rejects.toThrow('There is no answer mode "nonsense".')
    await expect(openWorld({ answers: 'fixture:/nowhere/f.jsonl' })).rejects.toThrow('cannot be read')
    const file = join(await temporaryFolder(), 'fixtures.jsonl')
    await writeFile(file, '{"match": "("}\n{"text": "x"}\n')
    await expect(openWorld({ answers: `fixture:${file}` })).rejects.toThrow('A fixture is an object with "match"')
  })
})

it('a batch with many PDFs that share their bytes is read once for each', async () => {
  const world: World = await openWorld()
  const client = world.client()
  const requests = Array.from({ length: 40 }, (_, at) => ({
    custom_id: `r-${at}`,
    params: asking([pdf(at % 2 === 0 ? otterPdf : badgerPdf), text(`Question ${at}?`)]),
  }))
  const results = await resultsOf(client, (await runBatch(client, requests)).id)
  for (const [id, result] of results)
    expect(textOf(result)).toContain(Number(id.slice(2)) % 2 === 0 ? OTTER[1] : BADGER[1])
})

function text(words: string) {
  return { type: 'text', text: words }
}

function plain(data: string, title: string) {
  return { type: 'document', title, source: { type: 'text', media_type: 'text/plain', data } }
}

function pdf(data: string) {
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }
}

async function pdfOf(pages: readonly (readonly string[])[]): Promise<string> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (const lines of pages) {
    const page = document.addPage([400, 400])
    for (const [at, line] of lines.entries()) page.drawText(line, { x: 20, y: 360 - at * 20, size: 12, font })
  }
  return Buffer.from(await document.save()).toString('base64')
}
