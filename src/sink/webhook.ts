import { messageOf, type Problem, UserError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { addressOf, checkAddress, fromEnvironment } from './address.ts'
import { COLUMNS_OPTION, checkColumns, namedColumns } from './columns.ts'
import type { Sink, SinkContext } from './sink.ts'
import { WebhookPart } from './webhook-part.ts'
import { type Pause, type PostOptions, post } from './webhook-post.ts'

const DEFAULT_TIMEOUT_SECONDS = 30
const DEFAULT_RETRY_SECONDS = 120
const DEFAULT_MAX_BYTES = 1_000_000

/** The `webhook` sink over a way to wait: tests do not sit through the pauses between two tries. */
export function createWebhookSink(pause: Pause): Sink {
  return {
    type: 'webhook',
    about:
      'Posts outcomes as JSON to a URL. Delivery is at least once: after a lost answer or a crash a request is sent again, with the same Idempotency-Key.',
    delivery: 'parts',
    options: {
      type: 'object',
      additionalProperties: false,
      properties: {
        url: {
          type: 'string',
          minLength: 1,
          description:
            'Where to post. https, or http on this machine; see allow_http. One with a secret belongs into url_env.',
          examples: ['https://hooks.example.com/answers'],
        },
        url_env: {
          type: 'string',
          minLength: 1,
          description:
            'The environment variable that holds the URL; it is read when the sink is opened and stored nowhere.',
          examples: ['ANSWERS_WEBHOOK_URL'],
        },
        batch: {
          enum: ['part', 'row'],
          default: 'part',
          description:
            'What one request holds: the outcomes of a batch, in pieces of max_bytes ({run, job, part, attempt, piece, outcomes}), or a single outcome as it is.',
          examples: ['row'],
        },
        max_bytes: {
          type: 'integer',
          minimum: 1000,
          default: DEFAULT_MAX_BYTES,
          description:
            'About how many bytes of outcomes one request holds at most, with batch: part; at least one outcome.',
          examples: [250_000],
        },
        headers: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Further headers. Secrets belong into headers_env.',
          examples: [{ 'X-Team': 'search' }],
        },
        headers_env: {
          type: 'object',
          additionalProperties: { type: 'string', minLength: 1 },
          description:
            'Further headers whose values are in environment variables, which are read when the sink is opened and stored nowhere.',
          examples: [{ Authorization: 'ANSWERS_WEBHOOK_AUTHORIZATION' }],
        },
        columns: COLUMNS_OPTION,
        allow_http: {
          type: 'boolean',
          default: false,
          description: 'Allow http to another machine, where everybody on the way can read along.',
          examples: [true],
        },
        timeout: {
          type: 'number',
          exclusiveMinimum: 0,
          default: DEFAULT_TIMEOUT_SECONDS,
          description: 'Seconds to wait for the answer to one request.',
          examples: [10],
        },
        retry_for: {
          type: 'number',
          minimum: 0,
          default: DEFAULT_RETRY_SECONDS,
          description:
            'For how many seconds a request is tried again after 408, 425, 429, 5xx or a broken connection. Then the sink has failed, and resume delivers the rest.',
          examples: [600],
        },
      },
    },
    check: (options) => [
      ...checkAddress(options),
      ...checkColumns(options),
      ...(options.url === undefined ? [] : urlProblems(String(options.url), options.allow_http === true, '/url')),
    ],
    async probe(options, context) {
      namedColumns(options, context)
      postOptions(options, context, pause)
    },
    async open(options, context) {
      const columns = namedColumns(options, context)
      const settings = postOptions(options, context, pause)
      const isByRow = options.batch === 'row'
      return {
        location: settings.location,
        openPart: async (part) =>
          new WebhookPart({
            part,
            run: context.run,
            jobName: context.jobName,
            columns,
            maxBytes: isByRow ? 0 : Number(options.max_bytes ?? DEFAULT_MAX_BYTES),
            isByRow,
            send: (body, idempotencyKey) => post(settings, body, idempotencyKey),
          }),
        finish: async () => undefined,
        abort: async () => undefined,
      }
    },
  }
}

export const webhook: Sink = createWebhookSink(
  (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }),
)

/** Everything about the requests but their bodies. Throws UserError for a URL or a header that is not there or not usable. */
function postOptions(options: JsonObject, context: SinkContext, pause: Pause): PostOptions {
  const url = addressOf(options, context)
  const problems = urlProblems(url, options.allow_http === true, options.url === undefined ? '/url_env' : '/url')
  if (problems.length > 0) throw new UserError(problems)
  const parsed = new URL(url)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries((options.headers ?? {}) as JsonObject)) headers[name] = String(value)
  for (const [name, from] of Object.entries((options.headers_env ?? {}) as JsonObject)) {
    headers[name] = fromEnvironment(String(from), `headers_env for ${name}`, context)
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // fetch takes no user in a URL.
    const user = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
    headers.authorization ??= `Basic ${Buffer.from(user).toString('base64')}`
    parsed.username = ''
    parsed.password = ''
  }
  try {
    new Headers(headers)
  } catch (error) {
    throw new UserError({
      message: `The headers of the webhook cannot be sent: ${messageOf(error).replace(/ value.*/, ' value')}.`,
    })
  }
  return {
    url: parsed.href,
    location: `${parsed.origin}${parsed.pathname}`,
    headers,
    timeoutMs: Number(options.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    retryForMs: Number(options.retry_for ?? DEFAULT_RETRY_SECONDS) * 1000,
    pause,
    signal: context.signal,
  }
}

function urlProblems(url: string, allowHttp: boolean, path: string): readonly Problem[] {
  if (!URL.canParse(url)) {
    return [
      {
        message: 'The URL of the webhook is none.',
        hint: 'Write it in full, such as https://hooks.example.com/answers.',
        path,
      },
    ]
  }
  const { protocol, hostname } = new URL(url)
  const isLocal = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  if (protocol === 'https:' || (protocol === 'http:' && (isLocal || allowHttp))) return []
  return [
    {
      message: `The webhook would go to ${hostname} over ${protocol.slice(0, -1)}, where everybody on the way can read along.`,
      hint: 'Use https, or say "allow_http: true" if that network is yours.',
      path,
    },
  ]
}
