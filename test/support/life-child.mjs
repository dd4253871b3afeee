// A process that has loaded the program and runs each command line that it is sent, until somebody kills it.

import { PROGRAM, programIo } from './program-io.mjs'

const { runProgram } = await import(PROGRAM)
const never = new AbortController().signal

process.on('message', async ({ id, args, cwd, env }) => {
  let stderr = ''
  const err = (text) => {
    stderr += text
  }
  const code = await runProgram(args, programIo({ cwd, env, out: () => undefined, err, interrupted: never }))
  process.send({ id, code, stderr })
})
process.send('ready')
