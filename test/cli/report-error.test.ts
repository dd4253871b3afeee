import { expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { reportError } from '../../src/cli/report-error.ts'
import { InvariantError, UserError } from '../../src/core/errors.ts'

const HOSTILE = 'The server said: \u001b[2J\u001b]0;title\u0007 \u202egnp.exe'

it('each class of error reads as reviewed, and nothing in it moves the cursor', async () => {
  const fault = new InvariantError('A batch is done and has no results.')
  fault.stack = `InvariantError: ${fault.message}\n    at settle (src/run/settle.ts:12:3)`
  const place = { file: '/home/me/jobs/a.yaml', line: 3, column: 1, length: 5, excerpt: `modle: ${HOSTILE}` }
  const texts = [
    said(new UserError({ ...place, message: `Unknown field "modle", ${HOSTILE}.`, hint: 'Did you mean "model"?' })),
    said(new UserError('There is no run "x".')),
    said(new Error(HOSTILE)),
    said(new Error('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') })),
    said(new Error('401 authentication_error: API key is invalid.', { cause: answered(401, '401 {"type":"error"}') })),
    said(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })),
    said(fault),
    said(new Error('This operation was aborted'), true),
  ]
  const text = texts.join('\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  await expect(text).toMatchFileSnapshot('../golden/cli/error-classes.txt')
})

/** As the SDK throws what an API answered. */
function answered(status: number, message: string): Error {
  return Object.assign(new Error(message), { status })
}

function said(error: Error, isInterrupted = false): string {
  let text = ''
  const interrupted = isInterrupted ? AbortSignal.abort() : new AbortController().signal
  const io = {
    version: '1.2.3',
    cwd: '/home/me',
    env: {},
    isPlain: true,
    interrupted,
    err: (more: string) => (text += more),
  }
  const code = reportError(io as unknown as Io, error)
  return `${text}(exit ${code})\n`
}
