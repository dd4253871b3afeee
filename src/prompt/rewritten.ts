import type { Problem } from '../core/errors.ts'
import type { Location, Program } from './template-ast.ts'

/** A name that a template reads at the top level of its context. */
export interface NameUse {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** False: it may be read at the top level, or of an item of a list; that depends on the row. */
  readonly certain: boolean
}

/** A partial that a template calls by name. */
export interface PartialUse {
  readonly name: string
  readonly loc: Location
  /** Whether the template gives a text to use when there is no such partial. */
  readonly hasFallback: boolean
  /** Whether the partial sees the top level. */
  readonly atTopLevel: boolean
}

export interface Rewritten {
  readonly program: Program
  readonly problems: readonly Problem[]
  readonly names: readonly NameUse[]
  readonly partials: readonly PartialUse[]
  /** Partials that the template defines itself. */
  readonly inlinePartials: readonly string[]
  /** Whether it reads the whole row (`this`), or partials whose names only a row knows. */
  readonly readsAll: boolean
}
