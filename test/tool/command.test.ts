import { spawnSync } from 'node:child_process'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HandlerGoneError } from '../../src/tool/tool.ts'
import { call, callOf, createToolProject, never, type ToolProject } from './project.ts'

const node = process.execPath
const js = (code: string, timeoutMs = 20_000) => ({ command: [node, '-e', code], timeoutMs })

describe('a handler that is a command', () => {
  let project: ToolProject
  beforeEach(async () => {
    project = await createToolProject()
  })
  afterEach(() => project.remove())

  it('reads one JSON object and prints the result', async () => {
    const echo = 'process.stdin.pipe(process.stdout)'
    const handlers = project.open({
      echo: js(echo),
      words: js("console.log('two\\nlines')"),
      blocks: js(`console.log(JSON.stringify([{ type: 'text', text: 'a block' }]))`),
      json: js(`console.log('{"a": [1]}')`),
      deaf: js('process.exit(0)'),
      here: js('console.log(process.cwd())'),
      unicode: js("process.stdout.write('Håkon 🦭')"),
    })
    expect(JSON.parse((await call(handlers, 'echo', { term: 'fog; rm -rf $HOME' })).content as string)).toEqual({
      tool: 'echo',
      input: { term: 'fog; rm -rf $HOME' },
      row: { city: 'Oslo' },
      tool_use_id: 'toolu_1',
      idempotency_key: 'key-1',
    })
    expect(await call(handlers, 'words')).toEqual({ content: 'two\nlines', isError: false })
    expect(await call(handlers, 'blocks')).toEqual({ content: [{ type: 'text', text: 'a block' }], isError: false })
    expect(await call(handlers, 'json')).toEqual({ content: '{"a": [1]}', isError: false })
    expect(await call(handlers, 'deaf', { long: 'x'.repeat(500_000) })).toEqual({ content: '', isError: false })
    expect((await call(handlers, 'here')).content).toContain('batchwright-tool-')
    expect(await call(handlers, 'unicode')).toEqual({ content: 'Håkon 🦭', isError: false })
  })

  it('tells the model what went wrong', async () => {
    const handlers = project.open({
      fails: js("console.log('half'); console.error('no such ferry'); process.exitCode = 3"),
      silent: js('process.exitCode = 1'),
      killed: js("process.kill(process.pid, 'SIGKILL')"),
      hangs: js('setInterval(() => {}, 1000)', 200),
      stubborn: js("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", 200),
      huge: js("process.stdout.write('x'.repeat(50_000_000))"),
    })
    const table = {
      fails: 'The tool ended with status 3: no such ferry',
      silent: 'The tool ended with status 1.',
      killed: 'The tool was ended by SIGKILL.',
      hangs: 'The tool did not finish within 0.2 s and was stopped.',
      stubborn: 'The tool did not finish within 0.2 s and was stopped.',
      huge: 'The tool gave more than 1,000,000 bytes, which is too much: a result has at most 1,000,000 bytes. Ask for less.',
    }
    const results = await Promise.all(Object.keys(table).map((name) => call(handlers, name)))
    expect(results).toEqual(Object.values(table).map((content) => ({ content, isError: true })))
    expect(project.printed).toContain('fails prints: no such ferry')
  })

  it('ends what the command started with it, and does not wait for what it left behind', async () => {
    await project.write(
      'parent.mjs',
      `
      import { spawn } from 'node:child_process'
      import { writeFileSync } from 'node:fs'
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      writeFileSync(process.argv[2], String(child.pid))
      if (process.argv[3] === 'leave') { child.unref(); console.log('left'); process.exit(0) }
    `,
    )
    const handlers = project.open({
      tree: { command: [node, 'parent.mjs', 'tree.pid'], timeoutMs: 500 },
      leave: { command: [node, 'parent.mjs', 'leave.pid', 'leave'] },
    })
    expect((await call(handlers, 'tree')).isError).toBe(true)
    const pid = Number(await readFile(join(project.folder, 'tree.pid'), 'utf8'))
    await expect.poll(() => isAlive(pid)).toBe(false)
    const begun = Date.now()
    expect(await call(handlers, 'leave')).toEqual({ content: 'left', isError: false })
    expect(Date.now() - begun).toBeLessThan(5000)
    process.kill(Number(await readFile(join(project.folder, 'leave.pid'), 'utf8')), 'SIGKILL')
  })

  it('ends at once when the run is stopped', async () => {
    const handlers = project.open({ hangs: js('setInterval(() => {}, 1000)') })
    const controller = new AbortController()
    const hanging = handlers.run(callOf('hangs'), controller.signal)
    await pause(100)
    controller.abort(new Error('stopped'))
    await expect(hanging).rejects.toThrow('stopped')
  })

  it('is found missing before anything is sent', async () => {
    await project.write('script.sh', '#!/bin/sh\necho hello\n')
    await project.write('plain.sh', 'echo hello\n')
    await chmod(join(project.folder, 'script.sh'), 0o755)
    const handlers = project.open({
      a: { command: ['no-such-program-anywhere'] },
      b: { command: ['./no/such/file'] },
      c: { command: ['./plain.sh'] },
      d: { command: ['./script.sh'] },
      e: { command: ['node', '--version'] },
    })
    expect(await handlers.check()).toMatchObject([
      { path: '/tools/0/handler/command', message: expect.stringContaining('in any folder of PATH') },
      { path: '/tools/1/handler/command', message: expect.stringContaining('below the project root') },
      { path: '/tools/2/handler/command', hint: expect.stringContaining('chmod +x') },
    ])
    expect(await call(handlers, 'd')).toEqual({ content: 'hello', isError: false })
    await expect(handlers.run(callOf('a'), never)).rejects.toThrow(HandlerGoneError)
  })
})

/** A process that has ended may be listed until somebody asks how. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}
