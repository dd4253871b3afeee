import { pathToFileURL } from 'node:url'
import { messageOf, UserError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { compileSchema } from '../core/json-schema.ts'
import { isSink } from './define.ts'
import type { Sink, SinkContext } from './sink.ts'
import { isTemplate, targetPath } from './target-path.ts'

/**
 * Delivers as a `whole` sink does, when every row is final and in dataset order: that is right for a user's sink of
 * either kind, and only the sink's file says which kind it is.
 */
export const module: Sink = {
  type: 'module',
  about: 'A sink of your own: the object that defineSink made, exported by a JavaScript file of the project.',
  delivery: 'whole',
  options: {
    type: 'object',
    required: ['module'],
    additionalProperties: false,
    properties: {
      module: {
        type: 'string',
        minLength: 1,
        description: 'The JavaScript file, relative to the project root.',
        examples: ['sinks/slack.mjs'],
      },
      export: {
        type: 'string',
        minLength: 1,
        default: 'default',
        description: 'The name under which the file exports the sink.',
        examples: ['slack'],
      },
      options: {
        type: 'object',
        default: {},
        description: 'The options of the sink itself, as its own schema describes them.',
        examples: [{ channel: '#answers' }],
      },
      template: {
        type: 'string',
        description: 'A template that the sink may render over each outcome: a file, or the text itself.',
        examples: ['templates/message.hbs'],
      },
    },
  },
  check: (options) =>
    isTemplate(String(options.module))
      ? [{ message: 'The module of a sink is a file, not a template.', path: '/module' }]
      : [],
  async probe(options, context) {
    const sink = await load(options, context)
    const own = ownOptions(options)
    const violations = compileSchema(sink.options ?? { type: 'object' }).validate(own)
    const problems = violations.length > 0 ? violations : (sink.check?.(own) ?? [])
    if (problems.length > 0)
      throw new UserError(problems.map((problem) => ({ ...problem, path: `/options${problem.path ?? ''}` })))
    await sink.probe(own, context)
  },
  open: async (options, context) => (await load(options, context)).open(ownOptions(options), context),
}

async function load(options: JsonObject, context: SinkContext): Promise<Sink> {
  const { path, location } = await targetPath(String(options.module), context)
  const name = String(options.export ?? 'default')
  let exports: Readonly<Record<string, unknown>>
  try {
    exports = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new UserError({
      message: `The sink ${location} cannot be loaded: ${messageOf(error)}`,
      hint: 'The path is relative to the project root; the file is an ES module (.mjs) whose imports can all be found.',
    })
  }
  const sink = exports[name]
  if (isSink(sink)) return sink
  const found = Object.keys(exports)
  throw new UserError({
    message: `${location} exports no sink called "${name}"${found.length > 0 ? `; it exports ${found.join(', ')}` : ''}.`,
    hint: 'Export what defineSink answers, and name it in the sink\'s "export" unless it is the default export.',
  })
}

function ownOptions(options: JsonObject): JsonObject {
  return (options.options ?? {}) as JsonObject
}
