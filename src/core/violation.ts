/** Says in a plain sentence what a JSON Schema keyword found wrong: what was given, what is allowed. */

import { counted, describeValue, listed, quoted, typeInWords } from './phrase.ts'
import { dottedName, pointerOf, pointerParts } from './pointer.ts'

/** What a validator reports for one failed keyword. The shape is ajv's, with `verbose` on. */
export interface KeywordError {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  /** The keyword's value in the schema, the schema object it stands in, and the value that was checked. */
  readonly schema?: unknown
  readonly parentSchema?: unknown
  readonly data?: unknown
  /** How many more errors of this keyword of this schema were left out behind this one. */
  readonly unlisted?: number
}

/** Shows a value otherwise than it is, where it holds something that must not be printed; undefined: as it is. */
export type ShowValue = (pointer: string) => string | undefined

/** The JSON pointer of what the error is about: for an unknown field the field itself, for a missing one its owner. */
export function pointerOfError(error: KeywordError): string {
  const unknown = error.params.additionalProperty ?? error.params.unevaluatedProperty
  const named = unknown ?? (error.keyword === 'propertyNames' ? error.params.propertyName : undefined)
  return named === undefined ? error.instancePath : pointerOf([...pointerParts(error.instancePath), String(named)])
}

export function sentenceFor(error: KeywordError, show: ShowValue): string {
  const { keyword, params } = error
  const name = dottedName(error.instancePath)
  const it = name === '' ? 'The value' : name
  const given = show(error.instancePath) ?? describeValue(error.data)
  const mustBe = (allowed: string): string => `${it} must be ${allowed}; it is ${given}.`
  const limit = String(params.limit)
  switch (keyword) {
    case 'type':
      return mustBe(typeInWords(params.type as string | string[]))
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(describeValue)
      return mustBe(allowed.length === 1 ? `${allowed[0]}` : `one of ${listed(allowed)}`)
    }
    case 'const':
      return mustBe(describeValue(params.allowedValue))
    case 'required':
      return name === ''
        ? `${quoted(String(params.missingProperty))} is missing.`
        : `${name} needs ${quoted(String(params.missingProperty))}, which is missing.`
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const field = quoted(String(params.additionalProperty ?? params.unevaluatedProperty))
      return name === '' ? `Unknown field ${field}.` : `Unknown field ${field} in ${name}.`
    }
    case 'minimum':
      return mustBe(`${limit} or more`)
    case 'maximum':
      return mustBe(`${limit} or less`)
    case 'exclusiveMinimum':
      return mustBe(`more than ${limit}`)
    case 'exclusiveMaximum':
      return mustBe(`less than ${limit}`)
    case 'multipleOf':
      return mustBe(`a multiple of ${params.multipleOf}`)
    case 'minLength':
      return params.limit === 1 && error.data === ''
        ? `${it} must not be empty.`
        : mustBe(`at least ${counted(Number(params.limit), 'character')} long`)
    case 'maxLength':
      return mustBe(`at most ${counted(Number(params.limit), 'character')} long`)
    case 'pattern':
      return `${it} must match the pattern ${params.pattern}; it is ${given}.`
    case 'format':
      return mustBe(`a valid ${params.format}`)
    case 'minItems':
      return sized(it, 'at least', error, 'item')
    case 'maxItems':
      return sized(it, 'at most', error, 'item')
    case 'minProperties':
      return sized(it, 'at least', error, 'field')
    case 'maxProperties':
      return sized(it, 'at most', error, 'field')
    case 'uniqueItems':
      return `${it} must not hold the same item twice; items ${params.j} and ${params.i} (counted from 0) are equal.`
    case 'contains':
      return `${it} must hold an item that its schema's "contains" describes; none does.`
    case 'dependentRequired':
    case 'dependencies':
      return `${it} has ${quoted(String(params.property))} and so needs ${quoted(String(params.missingProperty))}, which is missing.`
    case 'propertyNames':
      return `${it} has a field with a name that is not allowed: ${quoted(String(params.propertyName))}.`
    case 'not':
      return `${it} must not be what its schema's "not" describes; it is ${given}.`
    case 'oneOf':
      return Array.isArray(params.passingSchemas)
        ? `${it} fits more than one of the forms that its schema allows only one of.`
        : `${it} has none of the forms that its schema allows; it is ${given}.`
    case 'anyOf':
      return `${it} has none of the forms that its schema allows; it is ${given}.`
    case 'depth':
      return `${it} is nested too deeply to be checked.`
    case 'false schema':
      return `${it} is not allowed here.`
    default:
      return `${it} breaks the rule "${keyword}" of its schema; it is ${given}.`
  }
}

function sized(it: string, bound: string, error: KeywordError, noun: string): string {
  const size = Array.isArray(error.data) ? error.data.length : Object.keys(Object(error.data)).length
  return `${it} must have ${bound} ${counted(Number(error.params.limit), noun)}; it has ${size}.`
}
