// The results of a batch, as the API writes them, in an order of their own: a constant line with each custom_id put in.

const PIECE = 1 << 20

/** Buffers of whole lines. `textBytes`: of each answer; every `errorEvery`-th line is an error. */
export function* resultPieces(ids, { textBytes, errorEvery }) {
  const succeeded = answer(textBytes)
  const errored = [
    Buffer.from('{"custom_id":"'),
    Buffer.from(
      '","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"The request is not valid."},"request_id":"req_bench"}}}\n',
    ),
  ]
  const lineBytes = succeeded[0].length + succeeded[1].length + 64
  const step = strideOf(ids.count)
  let piece = Buffer.allocUnsafe(Math.max(PIECE, lineBytes))
  let at = 0
  for (let turn = 0, index = 0; turn < ids.count; turn += 1, index = (index + step) % ids.count) {
    if (at + lineBytes > piece.length) {
      yield piece.subarray(0, at)
      piece = Buffer.allocUnsafe(piece.length)
      at = 0
    }
    const [before, after] = errorEvery !== 0 && index % errorEvery === 0 ? errored : succeeded
    at += before.copy(piece, at)
    at += ids.copy(index, piece, at)
    at += after.copy(piece, at)
  }
  yield piece.subarray(0, at)
}

/** What stands before and after the custom_id. The text is JSON that fits the schema of the bench's job. */
function answer(textBytes) {
  const words = 'Ships wait for grey water; größere Züge, "quoted" and 東京 tides.\n'
  const summary = words.repeat(Math.max(1, Math.ceil(textBytes / Buffer.byteLength(words))))
  const message = {
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    content: [{ type: 'text', text: JSON.stringify({ summary, stars: 3 }) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 812,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 240,
      service_tier: 'batch',
    },
  }
  const line = JSON.stringify({ custom_id: '\u0000', result: { type: 'succeeded', message } })
  const [before, after] = line.split('\\u0000')
  return [Buffer.from(before), Buffer.from(`${after}\n`)]
}

/** A step that visits every index once: results come in an order that is not the requests'. */
function strideOf(count) {
  if (count < 3) return 1
  let step = Math.floor(count * 0.618)
  while (divisor(step, count) !== 1) step += 1
  return step
}

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b)
}
