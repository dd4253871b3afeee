import type { JsonObject } from '../core/json.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { Finding } from './finding.ts'

/** A rule's finding, and which words of the schema it stands in for: those about one of `names` in the mapping at `path`. */
export interface RuleFinding extends Finding {
  readonly instead?: { readonly path: string; readonly names: readonly string[]; readonly isMissing: boolean }
}

/** A rule sees the data before it is known to fit the schema, and passes over whatever has another form. */
export type Rule = (data: JsonObject) => readonly RuleFinding[]

/** Exactly one of `names` in the mapping. */
export function exactlyOne(owner: JsonObject, path: string, names: readonly string[], noun: string): RuleFinding[] {
  const given = names.filter((name) => Object.hasOwn(owner, name))
  if (given.length === 1) return []
  const instead = { path, names, isMissing: given.length === 0 }
  if (given.length === 0) {
    const [first = ''] = names
    return [
      {
        path,
        at: 'key',
        message: `${noun} needs one of ${listed(names.map(quoted))}; it has none.`,
        hint: `Add the one you want, for example \`${first}: …\`.`,
        instead,
      },
    ]
  }
  const message = `${noun} has ${listed(given.map(quoted), 'and')}; only one of ${listed(names.map(quoted))} is allowed.`
  return [{ path: `${path}/${given[1]}`, at: 'key', message, hint: 'Keep one and remove the rest.', instead }]
}
