import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { parseYaml } from '../job/parse.ts'

/** The data of a YAML text. Throws UserError with line and column for a text that is none. */
export function parseYamlText(text: string): Json {
  const parsed = parseYaml(text)
  if (parsed.problems.length > 0 || parsed.data === undefined) throw new UserError(parsed.problems)
  return parsed.data
}
