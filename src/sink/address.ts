// The address of a sink that is not a file: written out, or in the environment where nobody reads it by chance.

import { type Problem, UserError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { SinkContext } from './sink.ts'

/** Exactly one of `url` and `url_env` is given. */
export function checkAddress(options: JsonObject): readonly Problem[] {
  const given = [options.url, options.url_env].filter((value) => value !== undefined).length
  if (given === 1) return []
  return [
    {
      message: given === 0 ? 'This sink has neither "url" nor "url_env".' : 'This sink has both "url" and "url_env".',
      hint: 'Give the address itself as "url", or as "url_env" the name of an environment variable that holds it.',
      path: given === 0 ? '' : '/url_env',
    },
  ]
}

/** The address. Throws UserError when its environment variable is not set. */
export function addressOf(options: JsonObject, context: SinkContext): string {
  return options.url === undefined ? fromEnvironment(String(options.url_env), 'url_env', context) : String(options.url)
}

/** The value of an environment variable that an option names. Throws UserError when it is not set. */
export function fromEnvironment(name: string, option: string, context: SinkContext): string {
  const value = context.env[name]
  if (value !== undefined && value !== '') return value
  throw new UserError({
    message: `The environment variable ${name}, which the sink's ${option} names, is not set.`,
    hint: 'Set it where the run is started; it is read when the sink is opened and stored nowhere.',
  })
}
