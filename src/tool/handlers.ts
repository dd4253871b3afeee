// The handlers of a job, found by the names of their tools; inputs are checked before a handler sees them.

import type { Problem } from '../core/errors.ts'
import type { ClientTool, ToolSpec } from '../core/job.ts'
import { type CompiledSchema, compileSchema } from '../core/json-schema.ts'
import { listed } from '../core/phrase.ts'
import { createCommandHandler } from './command.ts'
import type { Handler, HandlerContext } from './handler.ts'
import { createHttpHandler } from './http.ts'
import { createModuleHandler } from './module.ts'
import { ModuleProcesses } from './module-process.ts'
import { errorResult } from './result.ts'
import type { HandlerCall, ToolHandlers, ToolResult } from './tool.ts'

/** The model sees at most this many: the first ones usually carry the rest. */
const MAX_VIOLATIONS = 20

interface OpenTool {
  readonly index: number
  readonly schema: CompiledSchema
  readonly handler: Handler
}

/** Opens nothing yet: processes start with `check` or with the first call. Tools without a handler are left out. */
export function createHandlers(tools: readonly ToolSpec[], context: HandlerContext): ToolHandlers {
  const processes = new ModuleProcesses(context)
  const open = new Map<string, OpenTool>()
  for (const [index, tool] of tools.entries()) {
    if (tool.type === 'server' || tool.handler === undefined) continue
    const handler = createHandler(tool, tool.handler, context, processes)
    open.set(tool.name, { index, schema: compileSchema(tool.inputSchema), handler })
  }
  return {
    async check() {
      const problems: Problem[] = []
      for (const { index, handler } of open.values()) {
        const problem = await handler.check()
        if (problem !== undefined) problems.push({ ...problem, path: `/tools/${index}/handler${problem.path ?? ''}` })
      }
      return problems
    },
    run: (call, signal) => run(open, call, signal),
    async close() {
      await Promise.all([...open.values()].map(({ handler }) => handler.close()))
      await processes.close()
    },
  }
}

function createHandler(
  tool: ClientTool,
  spec: NonNullable<ClientTool['handler']>,
  context: HandlerContext,
  processes: ModuleProcesses,
): Handler {
  switch (spec.type) {
    case 'module':
      return createModuleHandler(spec, processes)
    case 'command':
      return createCommandHandler(tool.name, spec, context)
    case 'http':
      return createHttpHandler(spec, context)
  }
}

async function run(open: ReadonlyMap<string, OpenTool>, call: HandlerCall, signal: AbortSignal): Promise<ToolResult> {
  const tool = open.get(call.tool)
  if (tool === undefined) {
    return errorResult(`There is no tool "${call.tool}". There is ${listed([...open.keys()], 'and')}.`)
  }
  const violations = tool.schema.validate(call.input)
  if (violations.length > 0) {
    const sentences = violations.slice(0, MAX_VIOLATIONS).map(({ message }) => `- ${message}`)
    const lines = ['The input does not fit the schema of the tool, which was not run:', ...sentences]
    return errorResult([...lines, 'Call it again with an input that fits.'].join('\n'))
  }
  signal.throwIfAborted()
  return tool.handler.run(call, signal)
}
