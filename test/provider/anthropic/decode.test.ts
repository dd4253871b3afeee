import { describe, expect, it } from 'vitest'
import { isJsonObject } from '../../../src/core/json.ts'
import { decode } from '../../../src/provider/anthropic/decode.ts'

function succeeded(message: object) {
  return decode({ custom_id: 'a', result: { type: 'succeeded', message: message as never } }).result
}

function billingOf(message: object) {
  const result = succeeded(message)
  return result.type === 'succeeded' ? result.answer.billing : undefined
}

function errored(error: object) {
  return decode({ custom_id: 'b', result: { type: 'errored', error: error as never } }).result
}

describe('decode', () => {
  it('reads a whole line of the current API', () => {
    const line = {
      custom_id: 'a',
      result: {
        type: 'succeeded',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude-haiku-5-5',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'text', text: 'One ', citations: [{ type: 'page_location', cited_text: 'x' }] },
            { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
            { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: { term: 't' } },
            { type: 'text', text: 'two.', citations: null },
          ],
          stop_reason: 'tool_use',
          stop_sequence: null,
          stop_details: null,
          container: null,
          usage: {
            input_tokens: 10,
            output_tokens: 20,
            cache_creation_input_tokens: 300,
            cache_read_input_tokens: 40,
            cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
            server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
            service_tier: 'batch',
          },
        },
      },
    }
    expect(decode(line)).toEqual({
      customId: 'a',
      result: {
        type: 'succeeded',
        answer: {
          text: 'One two.',
          content: line.result.message.content,
          toolCalls: [{ id: 'toolu_1', name: 'look_up', input: { term: 't' } }],
          citations: [{ type: 'page_location', cited_text: 'x' }],
          end: 'tools',
          stopReason: 'tool_use',
          model: 'claude-haiku-5-5',
          billing: { batch: true },
        },
        usage: {
          inputTokens: 10,
          outputTokens: 20,
          cacheCreationInputTokens: 300,
          cacheReadInputTokens: 40,
          cacheCreation1hInputTokens: 200,
          webSearchRequests: 2,
        },
      },
    })
  })

  it('takes what is left out for null', () => {
    const short = { model: 'm', content: [], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 2 } }
    const long = {
      ...short,
      stop_details: null,
      usage: { ...short.usage, server_tool_use: null, cache_creation: null },
    }
    expect(succeeded(long)).toEqual(succeeded(short))
    expect(succeeded(short)).toMatchObject({ usage: { webSearchRequests: 0, cacheCreation1hInputTokens: 0 } })
  })

  it.each([
    ['end_turn', 'complete'],
    ['stop_sequence', 'complete'],
    ['tool_use', 'tools'],
    ['max_tokens', 'truncated'],
    ['model_context_window_exceeded', 'context_exceeded'],
    ['pause_turn', 'paused'],
    ['refusal', 'refused'],
    ['compaction', 'unknown'],
  ])('reads the stop reason %s as %s', (stop_reason, end) => {
    expect(succeeded({ content: [], stop_reason })).toMatchObject({ answer: { end, stopReason: stop_reason } })
  })

  it('keeps the details of a refusal', () => {
    const stop_details = { type: 'refusal', category: 'bio', explanation: 'no' }
    expect(succeeded({ content: [], stop_reason: 'refusal', stop_details })).toMatchObject({
      answer: { stopDetails: stop_details },
    })
  })

  it.each([
    ['batch', true],
    ['standard', false],
    ['priority', false],
    [undefined, true],
    [null, true],
  ])('takes the service tier %s as batch priced: %s', (service_tier, batch) => {
    expect(succeeded({ content: [], usage: { service_tier } })).toMatchObject({ answer: { billing: { batch } } })
  })

  it.each([
    ['before any output, of a category that is free', [], 0, 'cyber', true],
    ['without a category', [], 0, null, true],
    ['of a category that is billed', [], 0, 'bio', false],
    ['in the middle of the output', [{ type: 'text', text: 'First,' }], 3, 'cyber', false],
    ['that counts output, though none is there', [], 3, 'cyber', false],
  ])('takes a refusal %s as billed or not', (_, content, output_tokens, category, isFree) => {
    const stop_details = { type: 'refusal', category, explanation: null }
    const message = { content, stop_reason: 'refusal', stop_details, usage: { input_tokens: 9, output_tokens } }
    expect(billingOf(message)).toEqual(isFree ? { batch: true, free: true } : { batch: true })
    expect(succeeded(message)).toMatchObject({ usage: { inputTokens: 9 } })
  })

  it('tells where the model ran, if that is told', () => {
    const billingIn = (inference_geo: string) => billingOf({ content: [], usage: { inference_geo } })
    expect(billingIn('us')).toEqual({ batch: true, region: 'us' })
    expect(billingIn('not_available')).toEqual({ batch: true })
  })

  it.each([
    ['api_error', 'Internal', 'transient'],
    ['overloaded_error', 'Overloaded', 'transient'],
    ['timeout_error', 'Late', 'transient'],
    ['rate_limit_error', 'Slow', 'transient'],
    ['invalid_request_error', 'max_tokens: 9 > 8', 'invalid'],
    ['invalid_request_error', 'messages.0: Unable to download the file. Check the URL.', 'transient'],
    ['invalid_request_error', 'You have reached your specified API usage limits.', 'account'],
    ['request_too_large', 'Too large', 'invalid'],
    ['not_found_error', 'model: claude-x', 'account'],
    ['not_found_error', 'File not found: file_1', 'invalid'],
    ['permission_error', 'No', 'account'],
    ['authentication_error', 'No', 'account'],
    ['billing_error', 'Pay', 'account'],
    ['brand_new_error', '?', 'transient'],
  ])('reads %s "%s" as %s', (type, message, kind) => {
    const envelope = { type: 'error', error: { type, message }, request_id: null }
    expect(errored(envelope)).toEqual({ type: 'errored', code: type, message, kind })
  })

  it('recognises a spend limit by its code', () => {
    const error = { type: 'rate_limit_error', message: 'x', details: { error_code: 'enforced_spend_limit_reached' } }
    expect(errored({ type: 'error', error })).toMatchObject({ kind: 'account' })
  })

  it('reads errors that other servers nest only once, or leave empty', () => {
    expect(errored({ type: 'api_error', message: 'x' })).toMatchObject({ code: 'api_error', message: 'x' })
    expect(decode({ custom_id: 'b', result: { type: 'errored' } }).result).toMatchObject({ kind: 'transient' })
  })

  it('reads canceled and expired', () => {
    expect(decode({ custom_id: 'c', result: { type: 'canceled' } })).toEqual({
      customId: 'c',
      result: { type: 'canceled' },
    })
    expect(decode({ custom_id: 'd', result: { type: 'expired' } }).result).toEqual({ type: 'expired' })
  })

  it.each([
    {},
    { custom_id: 1, result: {} },
    { custom_id: 'a' },
    { custom_id: 'a', result: { type: 'done' } },
    { custom_id: 'a', result: { type: 'succeeded' } },
  ])('throws for %j, which is no line', (line) => {
    expect(isJsonObject(line)).toBe(true)
    expect(() => decode(line as never)).toThrow('no line of a results file')
  })
})
