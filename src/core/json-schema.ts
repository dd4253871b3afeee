/** Compiles a JSON Schema and says in plain sentences what breaks it. */

import { type Ajv, type ErrorObject, loadAjv, type Options, type ValidateFunction } from './ajv.ts'
import { chooseBranches } from './branches.ts'
import { compiledCheck } from './compiled-schemas.ts'
import type { JsonSchema } from './component.ts'
import { messageOf, UserError } from './errors.ts'
import { canonicalJson, isJsonObject } from './json.ts'
import { isPlainSchema } from './plain-schema.ts'
import { type KeywordError, pointerOfError, type ShowValue, sentenceFor } from './violation.ts'

/** One rule of a schema that a value breaks. */
export interface SchemaViolation {
  /** JSON pointer: of the value that is wrong; of the field for an unknown one; of the owner for a missing one. */
  readonly path: string
  /** A full sentence: where, what is allowed, what was given. */
  readonly message: string
  /** The schema's keyword that failed, such as `required`, and what it says of the failure. */
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  /** The schema object that the keyword stands in. */
  readonly schema: JsonSchema
  /** How many more of the same rule there are that are not listed; undefined: none. */
  readonly unlisted?: number
}

export interface CompiledSchema {
  /**
   * Every violation, in the order of the schema, but of each rule only the first fifty; none: the value fits. Where a value fits none of several alternatives
   * (anyOf, oneOf), only what is wrong with the alternative that was meant. `show` replaces values in the sentences.
   */
  validate(value: unknown, show?: ShowValue): readonly SchemaViolation[]
}

/** Schemas of a process are few; the limit only keeps a program that makes them up from growing without end. */
const CACHED_SCHEMAS = 200
/** A list of a million wrong items is wrong in one way; sorting out alternatives takes the square of the errors. */
const ERRORS_PER_RULE = 50
const cache = new Map<string, CompiledSchema>()

/**
 * Compiles a JSON Schema: 2020-12, or what its `$schema` names (2019-09, draft 7, draft 6). Unknown keywords and formats
 * are let be. Throws UserError for a schema that is none, that refers to something not in it, or that is asynchronous.
 */
export function compileSchema(schema: JsonSchema): CompiledSchema {
  const text = textOf(schema)
  const known = cache.get(text)
  if (known !== undefined) return known
  const fits = compiledCheck(text)
  let check = fits === undefined && !compilesSurely(schema) ? compile(schema) : undefined
  const compiled: CompiledSchema = {
    validate(value, show = () => undefined) {
      if (fits !== undefined && isSound(fits, value)) return []
      check ??= compile(schema)
      const errors = run(check, value)
      if (errors.length === 0) return []
      const violations = chooseBranches(errors, schema).map((error) => violationOf(error, show))
      // Alternatives that share a part of the schema all report what is wrong with it.
      return [
        ...new Map(violations.map((violation) => [`${violation.path}\n${violation.message}`, violation])).values(),
      ]
    },
  }
  if (cache.size >= CACHED_SCHEMAS) cache.clear()
  cache.set(text, compiled)
  return compiled
}

function compilesSurely(schema: JsonSchema): boolean {
  const { $schema, ...plain } = schema
  const isCurrent = $schema === undefined || $schema === JSON_SCHEMA_2020_URI
  return isCurrent && isPlainSchema(plain) && schemaViolations(schema).length === 0
}

/** What is wrong with a schema as a schema, each with its place in it; none: it says nothing that its draft forbids. */
export function schemaViolations(schema: JsonSchema): readonly SchemaViolation[] {
  try {
    const dialect = dialectOf(schema)
    const fits = dialect === JSON_SCHEMA_2020 ? compiledCheck(JSON_SCHEMA_2020_URI) : undefined
    if (fits !== undefined && isSound(fits, schema)) return []
    const checker = checkerOf(dialect)
    if (checker === undefined || checker.validateSchema(schema) === true) return []
    const first = new Map<string, KeywordError>()
    // The metaschema is made of alternatives; at each place its first word is the plainest.
    for (const error of checker.errors ?? []) if (!first.has(error.instancePath)) first.set(error.instancePath, error)
    return [...first.values()].slice(0, ERRORS_PER_RULE).map((error) => violationOf(error, () => undefined))
  } catch (error) {
    const [problem] = unusable(error).problems
    return [{ path: '', message: problem?.message ?? '', keyword: '$schema', params: {}, schema: {} }]
  }
}

function violationOf(error: KeywordError, show: ShowValue): SchemaViolation {
  return {
    path: pointerOfError(error),
    message: sentenceFor(error, show),
    keyword: error.keyword,
    params: error.params,
    schema: isJsonObject(error.parentSchema) ? error.parentSchema : {},
    ...(error.unlisted === undefined ? {} : { unlisted: error.unlisted }),
  }
}

function textOf(schema: JsonSchema): string {
  try {
    return canonicalJson(schema)
  } catch (error) {
    throw unusable(error)
  }
}

/** Whether a value surely fits; of one that is nested deeper than the stack, ajv has to say what is wrong. */
function isSound(fits: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return fits(value)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function run(check: ValidateFunction, value: unknown): readonly KeywordError[] {
  try {
    if (check(value) === true) return []
    // What an `if` led to, and what is wrong inside a name, is reported by other errors already.
    const errors = (check.errors ?? []).filter((error) => error.keyword !== 'if' && error.propertyName === undefined)
    return firstOfEachRule(errors)
  } catch (error) {
    // A schema that refers to itself is checked by recursion, and a value may be nested deeper than the stack.
    if (!(error instanceof RangeError)) throw error
    return [{ keyword: 'depth', instancePath: '', params: {}, data: value }]
  }
}

function firstOfEachRule(errors: readonly ErrorObject[]): readonly KeywordError[] {
  if (errors.length <= ERRORS_PER_RULE) return errors
  const rules = new Map<unknown, Map<string, ErrorObject[]>>()
  for (const error of errors) {
    const ofSchema = rules.get(error.parentSchema) ?? new Map<string, ErrorObject[]>()
    const same = ofSchema.get(error.keyword) ?? []
    same.push(error)
    rules.set(error.parentSchema, ofSchema.set(error.keyword, same))
  }
  const unlisted = new Map<ErrorObject, number>()
  for (const same of [...rules.values()].flatMap((ofSchema) => [...ofSchema.values()]))
    for (const [index, error] of same.slice(0, ERRORS_PER_RULE).entries())
      unlisted.set(error, index === ERRORS_PER_RULE - 1 ? same.length - ERRORS_PER_RULE : 0)
  return errors.flatMap((error) => {
    const more = unlisted.get(error)
    return more === undefined ? [] : [more === 0 ? error : { ...error, unlisted: more }]
  })
}

function compile(schema: JsonSchema): ValidateFunction {
  if (schema.$async === true) throw new UserError('An asynchronous schema ("$async") cannot be used here.')
  try {
    const dialect = dialectOf(schema)
    const [wrong] = schemaViolations(schema)
    if (wrong !== undefined) throw new Error(wrong.message)
    // One validator for each schema, since two may have the same $id; checking them is left to a shared one, which
    // takes twenty milliseconds to make.
    const ajv = dialect.create({ ...AJV_OPTIONS, validateSchema: false })
    loadAjv().addFormats(ajv)
    return ajv.compile(schema)
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(error: unknown): UserError {
  if (error instanceof UserError) return error
  const reason = error instanceof RangeError ? 'it is nested too deeply' : messageOf(error).replace(/\.$/, '')
  return new UserError({ message: `This is not a JSON Schema that can be used: ${reason}.` })
}

/**
 * Patterns are read with the `u` flag as the standard says; those that are only valid without it (`[\w\-]`) are common
 * in the wild and are read without.
 */
const readPattern: NonNullable<NonNullable<Options['code']>['regExp']> = Object.assign(
  (pattern: string, flags: string) => {
    try {
      return new RegExp(pattern, flags)
    } catch {
      return new RegExp(pattern)
    }
  },
  { code: '(p, f) => { try { return new RegExp(p, f) } catch { return new RegExp(p) } }' },
)

/** How every schema is read, here and where the build compiles one. */
export const AJV_OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  logger: false,
  code: { regExp: readPattern },
}

interface Dialect {
  create(options: Options): Ajv
  /** Whether schemas are checked against the draft's metaschema: there is none here for draft 6, which 7 extends. */
  readonly isChecked: boolean
}

const JSON_SCHEMA_2020: Dialect = { create: (options) => new (loadAjv().Ajv2020)(options), isChecked: true }
const JSON_SCHEMA_2020_URI = 'https://json-schema.org/draft/2020-12/schema'
const DRAFT_6: Dialect = { create: (options) => new (loadAjv().Ajv)(options), isChecked: false }
const DIALECTS: Readonly<Record<string, Dialect>> = {
  '': JSON_SCHEMA_2020,
  [JSON_SCHEMA_2020_URI]: JSON_SCHEMA_2020,
  'https://json-schema.org/draft/2019-09/schema': {
    create: (options) => new (loadAjv().Ajv2019)(options),
    isChecked: true,
  },
  'http://json-schema.org/draft-07/schema': { create: (options) => new (loadAjv().Ajv)(options), isChecked: true },
  'http://json-schema.org/draft-06/schema': DRAFT_6,
  'http://json-schema.org/schema': DRAFT_6,
}

const checkers = new Map<Dialect, Ajv>()

function checkerOf(dialect: Dialect): Ajv | undefined {
  if (!dialect.isChecked) return undefined
  const checker = checkers.get(dialect) ?? dialect.create(AJV_OPTIONS)
  checkers.set(dialect, checker)
  return checker
}

function dialectOf(schema: JsonSchema): Dialect {
  const named = typeof schema.$schema === 'string' ? schema.$schema.replace(/#$/, '') : ''
  const dialect = Object.hasOwn(DIALECTS, named) ? DIALECTS[named] : undefined
  if (dialect !== undefined) return dialect
  throw new UserError({
    message: `The schema says "$schema": "${schema.$schema}", which is not known here.`,
    hint: 'Use https://json-schema.org/draft/2020-12/schema, or an earlier draft down to draft 6.',
  })
}
