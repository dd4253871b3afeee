/** `--set path.to.key=value`: changes one key of a job before it is checked. */

import { type Problem, UserError } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import { pointerOf } from '../core/pointer.ts'
import { parseYaml } from './parse.ts'

/** One `--set`, taken apart. */
export interface Setting {
  /** As it was given, for errors. */
  readonly option: string
  readonly path: readonly string[]
  readonly pointer: string
  readonly value: Json
  /** The value's own text, for keys that want a text where YAML sees a number. */
  readonly text: string
}

/** Reads the option's argument: keys with dots between them, items of lists by number (`sinks.0.path`, `sinks[0].path`). */
export function parseSetting(argument: string): Setting {
  const equals = argument.indexOf('=')
  const option = `--set ${argument}`
  const path = argument
    .slice(0, Math.max(0, equals))
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((part) => part.trim())
  if (equals < 1 || path.includes('') || path.includes('__proto__')) {
    throw settingError(option, `--set needs path.to.key=value; it was given ${quoted(argument)}.`)
  }
  const text = argument.slice(equals + 1)
  const { data, problems } = parseYaml(text)
  const [problem] = problems
  // A value that is no YAML, such as a template with {{, is meant as the text it is.
  if (problem !== undefined && !text.includes('{{')) throw settingError(option, problem.message, problem.hint)
  return { option, path, pointer: pointerOf(path), value: isText(text, data) ? text : (data ?? null), text }
}

/** The data with one key changed; mappings on the way are made where there are none. Throws UserError where there is no way. */
export function applySetting(data: Json, setting: Setting): Json {
  return setAt(data, setting.path, setting)
}

function setAt(at: Json | undefined, path: readonly string[], setting: Setting): Json {
  const [name, ...rest] = path
  if (name === undefined) return setting.value
  if (Array.isArray(at)) {
    const index = Number(name)
    if (!/^\d+$/.test(name) || index > at.length) {
      const list = at.length === 0 ? 'an empty list' : `a list with the items 0 to ${at.length - 1}`
      throw settingError(setting.option, `${quoted(name)} is no item here: this is ${list}.`, `${at.length} adds one.`)
    }
    const item = setAt(at[index], rest, setting)
    return index === at.length ? [...at, item] : at.with(index, item)
  }
  if (at !== undefined && at !== null && !isJsonObject(at)) {
    throw settingError(
      setting.option,
      `${quoted(name)} cannot be set: the key above it holds ${JSON.stringify(at)}, not a mapping.`,
    )
  }
  const mapping: JsonObject = at ?? {}
  return { ...mapping, [name]: setAt(mapping[name], rest, setting) }
}

function isText(text: string, data: Json | undefined): boolean {
  return data === undefined || (text.includes('{{') && typeof data !== 'string')
}

function settingError(file: string, message: string, hint?: string): UserError {
  const problem: Problem = { message, file, ...(hint === undefined ? {} : { hint }) }
  return new UserError(problem)
}
