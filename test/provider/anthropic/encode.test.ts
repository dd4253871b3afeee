import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/core/errors.ts'
import type { Prompt, PromptPart } from '../../../src/core/prompt.ts'
import { amend } from '../../../src/provider/anthropic/amend.ts'
import { encode } from '../../../src/provider/anthropic/encode.ts'

const SCHEMA = { type: 'object', required: ['a'], properties: { a: { type: 'string', minLength: 3 } } }

function promptWith(over: Partial<Prompt> = {}): Prompt {
  return {
    model: 'claude-haiku-5-5',
    params: { max_tokens: 512 },
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    ...over,
  }
}

function documentWith(over: Partial<Extract<PromptPart, { type: 'document' }>>): PromptPart {
  return {
    type: 'document',
    kind: 'pdf',
    mediaType: 'application/pdf',
    source: { type: 'base64', data: 'JVBERi0=' },
    citations: false,
    ...over,
  }
}

const contentOf = (...content: PromptPart[]) =>
  (encode(promptWith({ messages: [{ role: 'user', content }] })).messages as { content: unknown }[])[0]?.content

describe('encode', () => {
  it('writes the smallest body', () => {
    expect(JSON.stringify(encode(promptWith()))).toBe(
      '{"model":"claude-haiku-5-5","max_tokens":512,"messages":[{"role":"user","content":"Hello"}]}',
    )
  })

  it('writes everything in a fixed order, and passes on what it does not know', () => {
    const body = encode(
      promptWith({
        params: {
          thinking: { type: 'adaptive' },
          output_config: { effort: 'low' },
          metadata: { user_id: 'u' },
          max_tokens: 512,
          tool_choice: { type: 'auto' },
          inference_geo: 'us',
        },
        system: [{ text: 'You are terse.', cache: '1h' }],
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'One', cache: '5m' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'Two' }] },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
        tools: [
          { type: 'client', name: 'look_up', description: 'Looks up', inputSchema: { type: 'object' } },
          { type: 'server', definition: { type: 'web_search_20250305', name: 'web_search' } },
        ],
        output: { mode: 'structured', schema: SCHEMA },
      }),
    )
    expect(Object.keys(body)).toEqual([
      'model',
      'max_tokens',
      'system',
      'messages',
      'tools',
      'tool_choice',
      'output_config',
      'thinking',
      'metadata',
      'inference_geo',
    ])
    expect(body).toEqual({
      model: 'claude-haiku-5-5',
      max_tokens: 512,
      system: [{ type: 'text', text: 'You are terse.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'One', cache_control: { type: 'ephemeral', ttl: '5m' } }] },
        { role: 'assistant', content: 'Two' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
      tools: [
        { name: 'look_up', description: 'Looks up', input_schema: { type: 'object' } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'auto' },
      output_config: {
        effort: 'low',
        format: {
          type: 'json_schema',
          schema: {
            type: 'object',
            required: ['a'],
            properties: { a: { type: 'string', description: '{minLength: 3}' } },
            additionalProperties: false,
          },
        },
      },
      thinking: { type: 'adaptive' },
      metadata: { user_id: 'u' },
      inference_geo: 'us',
    })
  })

  it('keeps a system prompt without a cache mark a plain text, and one from params where the job has none', () => {
    expect(encode(promptWith({ system: [{ text: 'Be brief.' }] })).system).toBe('Be brief.')
    expect(encode(promptWith({ params: { system: 'From params' } })).system).toBe('From params')
    expect(encode(promptWith({ params: {} })).max_tokens).toBe(1024)
  })

  it('forces the tool "answer" in mode tool, with its own schema unchanged', () => {
    const body = encode(promptWith({ output: { mode: 'tool', schema: SCHEMA } }))
    expect(body.tools).toEqual([{ name: 'answer', description: 'Gives the answer.', input_schema: SCHEMA }])
    expect(body.tool_choice).toEqual({ type: 'tool', name: 'answer' })
    expect(body.output_config).toBeUndefined()
  })

  it('lets the model use the job’s tools before it answers in mode tool', () => {
    const tools = [{ type: 'client', name: 'look_up', inputSchema: { type: 'object' } }] as const
    const body = encode(promptWith({ tools, output: { mode: 'tool', schema: SCHEMA } }))
    expect(body.tools).toMatchObject([{ name: 'look_up' }, { name: 'answer' }])
    expect(body.tool_choice).toEqual({ type: 'any' })
  })

  it.each<[string, PromptPart, unknown]>([
    [
      'a PDF with all that can be said of it',
      documentWith({ title: 'T', context: 'C', citations: true, cache: '1h' }),
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
        title: 'T',
        context: 'C',
        citations: { enabled: true },
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
    ],
    [
      'a text',
      documentWith({ kind: 'text', mediaType: 'text/markdown', source: { type: 'text', data: 'words' } }),
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
    ],
    [
      'an image',
      documentWith({ kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'iVBO' }, cache: '5m' }),
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'iVBO' },
        cache_control: { type: 'ephemeral', ttl: '5m' },
      },
    ],
    [
      'a PDF behind a URL',
      documentWith({ source: { type: 'url', url: 'https://x/y.pdf' } }),
      { type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
    ],
    [
      'an image behind a URL',
      documentWith({ kind: 'image', source: { type: 'url', url: 'https://x/y.png' } }),
      { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
    ],
    [
      'an uploaded file',
      documentWith({ source: { type: 'file', fileId: 'file_1' } }),
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
    ],
  ])('writes %s as its block', (_, part, block) => {
    expect(contentOf(part)).toEqual([block])
  })

  it('puts the title and context of an image before it, since its block has neither', () => {
    expect(contentOf(documentWith({ kind: 'image', title: 'Fig. 1', context: 'From 1998' }))).toMatchObject([
      { type: 'text', text: 'Fig. 1\nFrom 1998' },
      { type: 'image' },
    ])
  })

  it('refuses citations that the API would refuse', () => {
    expect(() => contentOf(documentWith({ citations: true }), documentWith({}))).toThrow(UserError)
    expect(() => contentOf(documentWith({ kind: 'image', citations: true }))).toThrow(UserError)
    expect(contentOf(documentWith({ citations: true }), documentWith({ kind: 'image' }))).toHaveLength(2)
  })
})

describe('amend', () => {
  const body = encode(promptWith())

  it('changes nothing but the room for the answer', () => {
    expect(JSON.stringify(amend(body, { type: 'more_room', maxTokens: 2048 }))).toBe(
      JSON.stringify(body).replace('512', '2048'),
    )
  })

  it('appends turns and leaves what was sent as it was', () => {
    const messages = [
      { role: 'assistant' as const, content: [{ type: 'text', text: '{' }] },
      { role: 'user' as const, content: 'Mend it.' },
    ]
    expect(amend(body, { type: 'append', messages })).toEqual({
      ...body,
      messages: [{ role: 'user', content: 'Hello' }, ...messages],
    })
    expect(body.messages).toHaveLength(1)
  })
})
