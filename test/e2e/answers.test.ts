// What becomes of answers that are cut off, refused, empty, not JSON, or not the JSON that was asked for.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

interface Outcome {
  readonly key: string
  readonly status: string
  readonly output: unknown
  readonly text: string | null
  readonly stop_reason: string | null
  readonly attempts: number
  readonly rounds: number
  readonly usage: Readonly<Record<string, number>>
  readonly cost_usd: number
  readonly error: { readonly type: string; readonly message: string } | null
}

interface ShownRound {
  readonly attempt: number
  readonly kind: string | null
  readonly result: { readonly result: { readonly message: { readonly usage: Readonly<Record<string, number>> } } }
}

/** Nested objects, lists, enums, formats, and a reference to another file. */
const INVOICE = {
  type: 'object',
  required: ['number', 'date', 'status', 'total', 'lines'],
  additionalProperties: false,
  properties: {
    number: { type: 'string', minLength: 1 },
    date: { type: 'string', format: 'date' },
    status: { enum: ['paid', 'open'] },
    total: { $ref: 'money.schema.json' },
    lines: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['text', 'price'],
        additionalProperties: false,
        properties: { text: { type: 'string' }, price: { $ref: 'money.schema.json' } },
      },
    },
  },
}
const MONEY = {
  type: 'object',
  required: ['amount', 'currency'],
  additionalProperties: false,
  properties: { amount: { type: 'number' }, currency: { enum: ['EUR', 'SEK'] } },
}

describe('answers', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject()
    await project.write('schemas/invoice.schema.json', JSON.stringify(INVOICE))
    await project.write('schemas/money.schema.json', JSON.stringify(MONEY))
  })
  afterEach(() => project.remove())

  async function job(lines: readonly string[], rows: readonly string[]): Promise<void> {
    await project.write('rows.jsonl', rows.map((id) => `${JSON.stringify({ id })}\n`).join(''))
    const text = ['model: claude-haiku-5-5', 'dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }']
    const prompt = 'prompt: "The invoice of row-{{id}}. Number 4711 of 2026-11-02. It is paid."'
    const sinks = 'sinks: [{ type: jsonl, path: out.jsonl, select: all }]'
    await project.write('job.yaml', [...text, prompt, sinks, ...lines].join('\n'))
  }

  async function outcomes(
    expected: number,
    emulator: { faults?: unknown; args?: readonly string[] } = {},
  ): Promise<Map<string, Outcome>> {
    const server = await startEmulatorProcess(project, emulator.args ?? [])
    try {
      if (emulator.faults !== undefined) await server.faults(emulator.faults)
      const { code, stderr } = await project.run(['run', 'job.yaml', '--json'], { env: server.env })
      expect(code, stderr).toBe(expected)
      expect((await server.stats()).paid_more_than_once).toEqual([])
    } finally {
      await server.stop()
    }
    return new Map((await project.lines<Outcome>('out.jsonl')).map((outcome) => [outcome.key, outcome]))
  }

  const OUTPUT = 'output: { schema: { $ref: schemas/invoice.schema.json }'
  for (const mode of ['structured', 'tool', 'prompt']) {
    it(`are valid, repaired, or invalid with every violation named (mode ${mode})`, async () => {
      const rows = ['good', 'mended', 'mended-twice', 'hopeless']
      await job([`${OUTPUT}, mode: ${mode}, repair: 2 }`, 'gate: { max_error_rate: 1 }'], rows)
      const found = await outcomes(3, {
        faults: [
          { on: 'request', match: 'row-mended\\.', attempts: 1, do: { invalid_json: true } },
          { on: 'request', match: 'row-mended-twice\\.', attempts: 2, do: { invalid_json: true } },
          { on: 'request', match: 'row-hopeless\\.', do: { invalid_json: true } },
        ],
      })
      const trips = { good: 1, mended: 2, 'mended-twice': 3, hopeless: 3 }
      for (const [key, rounds] of Object.entries(trips)) {
        const outcome = found.get(key)
        expect(outcome, key).toMatchObject({
          status: key === 'hopeless' ? 'invalid' : 'succeeded',
          attempts: rounds,
          rounds,
        })
        if (key === 'hopeless') continue
        expect(outcome?.error, key).toBeNull()
        expect(outcome?.output, key).toMatchObject({
          status: expect.stringMatching(/^(paid|open)$/),
          lines: expect.any(Array),
        })
      }
      const hopeless = found.get('hopeless')
      expect(hopeless?.output).toBeNull()
      expect(hopeless?.error?.type).toBe('invalid_output')
      if (mode === 'tool') {
        for (const name of ['number', 'date', 'status', 'total', 'lines', 'unexpected_field'])
          expect(hopeless?.error?.message).toContain(`"${name}"`)
        expect(hopeless).toMatchObject({ tool_calls: [{ name: 'answer', input: { unexpected_field: null } }] })
      } else {
        expect(hopeless?.error?.message).toContain('not JSON')
        expect(hopeless?.text?.length).toBeGreaterThan(20)
      }
      const shown = await project.run(['show', 'job', 'hopeless', '--json'])
      const { rounds } = JSON.parse(shown.stdout) as { rounds: ShownRound[] }
      expect(rounds.map(({ attempt, kind }) => [attempt, kind])).toEqual([
        [1, null],
        [2, 'repair'],
        [3, 'repair'],
      ])
      for (const name of ['input_tokens', 'output_tokens'])
        expect(hopeless?.usage[name]).toBe(
          rounds.reduce((sum, { result }) => sum + (result.result.message.usage[name] ?? 0), 0),
        )
      expect(hopeless?.cost_usd).toBeGreaterThan(2 * (found.get('good')?.cost_usd ?? 0))
    })
  }

  it('are broken by some, and each is repaired', async () => {
    await job(
      [`${OUTPUT}, repair: 3 }`],
      Array.from({ length: 60 }, (_, at) => `r${at}`),
    )
    const found = await outcomes(0, { faults: [{ on: 'request', rate: 0.2, do: { invalid_json: true } }] })
    const rounds = [...found.values()].map((outcome) => outcome.rounds)
    expect(found.size).toBe(60)
    expect(Math.max(...rounds)).toBeGreaterThan(1)
    expect(rounds.filter((count) => count === 1).length).toBeGreaterThan(20)
  })

  it('that are cut off or refused end so, also where JSON was asked for', async () => {
    const rows = ['fine', 'refused', 'cut', 'cut-once']
    const more = ['retry: { truncated: { grow: 2, max_tokens: 4096 } }', 'gate: { max_error_rate: 1 }']
    await job([`${OUTPUT}, repair: 2 }`, ...more], rows)
    const found = await outcomes(3, {
      faults: [
        { on: 'request', match: 'row-refused\\.', do: { refusal: true } },
        { on: 'request', match: 'row-cut\\.', do: { truncated: true } },
        { on: 'request', match: 'row-cut-once\\.', attempts: 1, do: { truncated: true } },
      ],
    })
    expect(found.get('fine')).toMatchObject({ status: 'succeeded', attempts: 1 })
    expect(found.get('refused')).toMatchObject({
      status: 'refused',
      attempts: 1,
      stop_reason: 'refusal',
      output: null,
      error: { type: 'refusal', message: expect.stringContaining('general_harms') },
    })
    expect(found.get('cut')).toMatchObject({
      status: 'incomplete',
      attempts: 3,
      stop_reason: 'max_tokens',
      output: null,
      error: { type: 'max_tokens' },
    })
    expect(found.get('cut')?.usage.output_tokens).toBe(1024 + 2048 + 4096)
    expect(found.get('cut-once')).toMatchObject({ status: 'succeeded', attempts: 2, rounds: 2 })
  })

  it('that begin with thinking are read behind it, and empty ones are invalid', async () => {
    const thinking = { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' }
    const fixtures = [
      { match: 'row-thinks', content: [thinking, { type: 'text', text: 'Paid.' }, { type: 'text', text: ' Yes.' }] },
      { match: 'row-only-thinks', content: [thinking] },
      { match: 'row-empty', content: [] },
      { match: 'row-blank', text: ' \n' },
      { match: 'row-paused', content: [{ type: 'text', text: 'Searching' }], stop_reason: 'pause_turn' },
      { match: 'row-window', text: 'Half', stop_reason: 'model_context_window_exceeded' },
      { match: 'row-stopped', text: 'Short', stop_reason: 'stop_sequence' },
    ]
    await project.write('answers.jsonl', fixtures.map((one) => JSON.stringify(one)).join('\n'))
    await job(
      ['gate: { max_error_rate: 1 }', 'max_rounds: 1'],
      ['thinks', 'only-thinks', 'empty', 'blank', 'paused', 'window', 'stopped'],
    )
    const found = await outcomes(3, { args: ['--answers', `fixture:${project.path('answers.jsonl')}`] })
    expect(found.get('thinks')).toMatchObject({ status: 'succeeded', output: 'Paid. Yes.', text: 'Paid. Yes.' })
    for (const key of ['only-thinks', 'empty', 'blank'])
      expect(found.get(key), key).toMatchObject({ status: 'invalid', output: null, error: { type: 'empty_answer' } })
    expect(found.get('paused')).toMatchObject({ status: 'incomplete', stop_reason: 'pause_turn', text: 'Searching' })
    expect(found.get('window')).toMatchObject({ status: 'incomplete', text: 'Half' })
    expect(found.get('stopped')).toMatchObject({ status: 'succeeded', output: 'Short' })
  })

  it('in prose are searched for their JSON, and what is none is repaired', async () => {
    const good = {
      number: '1',
      date: '2026-11-02',
      status: 'paid',
      total: { amount: 1, currency: 'EUR' },
      lines: [{ text: 'a', price: { amount: 1, currency: 'EUR' } }],
    }
    const json = JSON.stringify(good)
    const thinking = { type: 'thinking', thinking: '{"number": 0}', signature: 'c2lnbmVk' }
    const broken = JSON.stringify({
      ...good,
      date: 'yesterday',
      status: 'lost',
      total: { amount: 'one', currency: 'euro' },
    })
    const fixtures = [
      { match: 'row-bare', text: json },
      { match: 'row-fenced', text: `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nAnything else?` },
      { match: 'row-prose', text: `As item [1] says, the answer is ${json} (see {that}).` },
      { match: 'row-thinks', content: [thinking, { type: 'text', text: json }] },
      { match: '(?=[^]*row-mended)(?=[^]*does not fit the schema)', text: json },
      { match: 'row-mended', text: broken },
      { match: '(?=[^]*row-empty)(?=[^]*does not fit the schema)', text: json },
      { match: 'row-empty', content: [thinking, { type: 'text', text: ' ' }] },
      { match: 'row-wrong', text: broken },
    ]
    await project.write('answers.jsonl', fixtures.map((one) => JSON.stringify(one)).join('\n'))
    const fine = ['bare', 'fenced', 'prose', 'thinks', 'mended', 'empty']
    await job([`${OUTPUT}, mode: prompt }`, 'gate: { max_error_rate: 1 }'], [...fine, 'wrong'])
    const found = await outcomes(3, { args: ['--answers', `fixture:${project.path('answers.jsonl')}`] })
    for (const key of fine)
      expect(found.get(key), key).toMatchObject({ status: 'succeeded', output: good, error: null })
    expect([found.get('prose')?.attempts, found.get('mended')?.attempts, found.get('empty')?.attempts]).toEqual([
      1, 2, 2,
    ])
    expect(found.get('wrong')).toMatchObject({ status: 'invalid', output: null, text: broken, attempts: 2 })
    const message = found.get('wrong')?.error?.message
    for (const words of [
      'date must be a valid date',
      'status must be one of "paid" or "open"',
      'total.amount must be a number',
      'total.currency must be one of "EUR" or "SEK"',
    ])
      expect(message).toContain(words)
  })
})
