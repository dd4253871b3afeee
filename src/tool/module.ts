// A handler that is a function of a module of the user's own, run in a process of its own that all calls share.

import type { Problem } from '../core/errors.ts'
import type { ToolHandler } from '../core/job.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { Handler } from './handler.ts'
import { ModuleLoadError } from './module-fork.ts'
import type { ModuleProcess, ModuleProcesses } from './module-process.ts'
import { HandlerGoneError } from './tool.ts'

type ModuleSpec = Extract<ToolHandler, { type: 'module' }>

export function createModuleHandler(spec: ModuleSpec, processes: ModuleProcesses): Handler {
  const host = processes.of(spec.module)
  return {
    check: () => problemOf(spec, host),
    async run(call, signal) {
      const problem = await problemOf(spec, host)
      if (problem !== undefined) throw new HandlerGoneError(problem.message)
      return host.run(spec.export, call, spec.timeoutMs, signal)
    },
    close: async () => undefined,
  }
}

async function problemOf(spec: ModuleSpec, host: ModuleProcess): Promise<Problem | undefined> {
  let functions: readonly string[]
  try {
    functions = await host.functions()
  } catch (error) {
    if (!(error instanceof ModuleLoadError)) throw error
    return {
      path: '/module',
      message: `The module ${spec.module} cannot be loaded: ${error.message.replace(/\.$/, '')}.`,
      hint: 'The path is relative to the project root; the file is an ES module (.mjs) whose imports can all be found.',
    }
  }
  if (functions.includes(spec.export)) return undefined
  const others = functions.length === 0 ? 'no function' : listed(functions, 'and')
  return {
    path: '/export',
    message: `The module ${spec.module} exports no function ${quoted(spec.export)}; it exports ${others}.`,
    hint: 'Export the function under that name, or name another one as "export"; without it, the default export is called.',
  }
}
