// What the program is given by a process, for tests that call it as a function. Plain JavaScript: the children that
// tests start load it as well.

import { hostname } from 'node:os'

/** The program as it is shipped: one function from the words of a command line to its exit status. */
export const PROGRAM = new URL('../../dist/program.js', import.meta.url).href

export function programIo({ cwd, env, out, err, interrupted }) {
  return {
    version: '0.0.0',
    cwd,
    env,
    process: { pid: process.pid, hostname: hostname(), kill: (pid, signal) => void process.kill(pid, signal) },
    isPlain: true,
    isScreen: false,
    columns: 80,
    rows: 24,
    out: async (text) => out(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')),
    err,
    clock: { now: () => Date.now(), sleep },
    random: () => Math.random(),
    interrupted,
    signal: new AbortController().signal,
  }
}

function sleep(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
