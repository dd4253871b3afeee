import { pathToFileURL } from 'node:url'
import { UserError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { filesBelow, type SourceFile } from './files-of.ts'
import { inWords, NotJsonError, plainJson } from './plain-json.ts'
import type { Source, SourceContext } from './source.ts'

export const module: Source = {
  type: 'module',
  about:
    'Rows from your own JavaScript: an iterable of plain objects, or a function ({ root, signal }) that returns one, async or not.',
  options: {
    type: 'object',
    required: ['module'],
    additionalProperties: false,
    properties: {
      module: {
        type: 'string',
        minLength: 1,
        description: 'An ES module below the project root. It has to give the same rows in the same order each time.',
        examples: ['datasets/tickets.mjs'],
      },
      export: {
        type: 'string',
        minLength: 1,
        description: 'The name under which the module exports it.',
        default: 'default',
        examples: ['openTickets'],
      },
    },
  },
  async *rows(options, context) {
    for await (const file of filesBelow(options.module, context)) {
      const value = await exported(file, typeof options.export === 'string' ? options.export : 'default', context)
      yield* await rowsOfValue(value, file, context)
    }
  },
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>
/** As messages name it, and as the stack of an error does. */
type ModuleFile = Pick<SourceFile, 'path' | 'absolute'>

/** The rows of what a module exports: an iterable, or a function that gives one. */
export async function rowsOfValue(
  value: unknown,
  file: ModuleFile,
  context: SourceContext,
): Promise<AsyncGenerator<SourceRow>> {
  return checkedRows(await iteratorOf(value, file, context), file, context)
}

async function exported(file: SourceFile, name: string, context: SourceContext): Promise<unknown> {
  let loaded: Record<string, unknown>
  try {
    loaded = (await import(pathToFileURL(file.absolute).href)) as Record<string, unknown>
  } catch (error) {
    throw failed(`${file.path} cannot be loaded`, error, file)
  }
  if (Object.hasOwn(loaded, name)) return loaded[name]
  const names = Object.keys(loaded)
  const near = nearest(name, names)
  throw new UserError({
    message: `${file.path} exports nothing named ${quoted(name)}.`,
    hint: near
      ? `Did you mean ${quoted(near)}?`
      : names.length > 0
        ? `It exports ${listed(names.map(quoted), 'and')}.`
        : 'It exports nothing at all.',
    file: context.jobFile,
    path: '/dataset/export',
  })
}

async function iteratorOf(value: unknown, file: ModuleFile, { root, signal }: SourceContext): Promise<AnyIterator> {
  let found: unknown = value
  if (typeof value === 'function') {
    try {
      found = await (value as (given: { root: string; signal: AbortSignal }) => unknown)({ root, signal })
    } catch (error) {
      throw failed(`${file.path} failed`, error, file)
    }
  }
  if (typeof found === 'object' && found !== null) {
    if (Symbol.asyncIterator in found) return (found as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    if (Symbol.iterator in found) return (found as Iterable<unknown>)[Symbol.iterator]()
  }
  throw new UserError({
    message: `${file.path} gives ${inWords(found)}; it has to give an iterable of objects.`,
    hint: 'Export a list, a generator, or a function that returns one.',
    file: file.path,
  })
}

async function* checkedRows(
  iterator: AnyIterator,
  file: ModuleFile,
  { signal }: SourceContext,
): AsyncGenerator<SourceRow> {
  const place = { file: file.path }
  let isOver = false
  try {
    for (let count = 0; ; count++) {
      const step = await untilAborted(() => next(iterator, file, count), signal)
      if (step.done === true) {
        isOver = true
        return
      }
      yield { fields: fieldsOf(step.value, count + 1, file.path), place }
    }
  } finally {
    // Stopped early: the user's generator may hold a connection. A hanging one is not waited for.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

async function next(iterator: AnyIterator, file: ModuleFile, count: number): Promise<IteratorResult<unknown>> {
  try {
    return await iterator.next()
  } catch (error) {
    throw failed(`${file.path} failed after ${count} row${count === 1 ? '' : 's'}`, error, file)
  }
}

async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function fieldsOf(value: unknown, count: number, file: string): JsonObject {
  try {
    const fields = plainJson(value)
    if (isJsonObject(fields)) return fields
    throw new NotJsonError('', `is ${inWords(value)}; every row has to be an object`)
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error
    const what = error.path === '' ? `Row ${count}` : `The field ${quoted(error.path)} of row ${count}`
    throw new UserError({ message: `${what} ${error.message}.`, hint: 'Correct what the module gives.', file })
  }
}

/** The user's own error, with the line of their file where it arose. */
function failed(what: string, error: unknown, file: ModuleFile): UserError {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  // A path where a loader took part, else a URL.
  const after = stack.split(pathToFileURL(file.absolute).href)[1] ?? stack.split(file.absolute)[1]
  const line = after?.match(/^:(\d+)(?::(\d+))?/)
  const place = line ? { line: Number(line[1]), ...(line[2] ? { column: Number(line[2]) } : {}) } : {}
  return new UserError({
    message: `${what}: ${String(error)}.`,
    hint: 'The error comes from the module itself.',
    file: file.path,
    ...place,
  })
}
