// A project folder with handlers in it, and the calls that a model would make of them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientTool, ToolHandler } from '../../src/core/job.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { createHandlers } from '../../src/tool/handlers.ts'
import type { HandlerCall, ToolHandlers, ToolResult } from '../../src/tool/tool.ts'

export type HandlerSpec = { timeoutMs?: number } & (
  | { module: string; export?: string }
  | { command: readonly string[] }
  | { http: string }
)

export interface ToolProject {
  readonly folder: string
  /** What handlers printed, as a person would see it. */
  readonly printed: string[]
  write(name: string, text: string): Promise<void>
  /** Handlers of tools by name; every input fits unless a schema is given. Closed with the project. */
  open(tools: Readonly<Record<string, HandlerSpec>>, schema?: JsonObject): ToolHandlers
  remove(): Promise<void>
}

export async function createToolProject(): Promise<ToolProject> {
  const folder = await mkdtemp(join(tmpdir(), 'batchwright-tool-'))
  const printed: string[] = []
  const opened: ToolHandlers[] = []
  return {
    folder,
    printed,
    write: (name, text) => writeFile(join(folder, name), text),
    open(tools, inputSchema = { type: 'object' }) {
      const specs = Object.entries(tools).map(([name, spec]): ClientTool => {
        return { type: 'client', name, inputSchema, handler: handlerOf(spec) }
      })
      const handlers = createHandlers(specs, {
        root: folder,
        env: process.env,
        notify: (text) => printed.push(text),
        kill: (pid, signal) => process.kill(pid, signal),
      })
      opened.push(handlers)
      return handlers
    },
    async remove() {
      await Promise.all(opened.map((handlers) => handlers.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function handlerOf(spec: HandlerSpec): ToolHandler {
  const timeoutMs = spec.timeoutMs ?? 20_000
  if ('command' in spec) return { type: 'command', command: spec.command, timeoutMs }
  if ('http' in spec) return { type: 'http', url: spec.http, timeoutMs }
  return { type: 'module', module: spec.module, export: spec.export ?? 'default', timeoutMs }
}

export const never = new AbortController().signal

export function callOf(tool: string, input: Json = {}, more: Partial<HandlerCall> = {}): HandlerCall {
  return { tool, input, toolUseId: 'toolu_1', row: { city: 'Oslo' }, idempotencyKey: 'key-1', ...more }
}

export function call(handlers: ToolHandlers, tool: string, input: Json = {}): Promise<ToolResult> {
  return handlers.run(callOf(tool, input), never)
}
