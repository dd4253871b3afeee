// Where a path of a template begins, as far as the template alone can tell.

import { nearest } from '../core/nearest.ts'
import { makePath, type Path } from './template-ast.ts'
import type { Complaint } from './vocabulary.ts'

/** What a block makes of `this`: an item or object of the row; or, where only the row decides, perhaps the same again. */
export type ScopeKind = 'root' | 'item' | 'unsure'
export const ITEM: ScopeKind = 'item'
export const UNSURE: ScopeKind = 'unsure'

export interface Scope {
  /** From the top level inwards. */
  readonly kinds: readonly ScopeKind[]
  readonly blockParams: readonly string[]
  readonly isRoot: boolean
  withBlockParams(names: readonly string[] | undefined): Scope
}

export const ROOT: Scope = scopeOf(['root'], [])

export function inside(scope: Scope, kind: ScopeKind): Scope {
  return scopeOf([...scope.kinds, kind], scope.blockParams)
}

export interface PathPlace {
  /** What Handlebars looks up itself: `this`, `..`, a block parameter, @index. */
  readonly head: Path
  /** What we follow from there. */
  readonly names: readonly string[]
  /** Whether `names` begin at the top level. */
  readonly atTopLevel: 'yes' | 'no' | 'perhaps'
  readonly problem?: Complaint
}

const DATA = ['index', 'key', 'first', 'last', 'root']

export function placeOfPath(path: Path, scope: Scope): PathPlace {
  const { loc, depth, parts } = path
  const [first = '', ...rest] = parts
  if (path.data) {
    const head = makePath([first], loc, { data: true, depth, original: `@${first}` })
    if (first === 'root') return { head, names: rest, atTopLevel: 'yes' }
    if (DATA.includes(first)) return { head, names: rest, atTopLevel: 'no' }
    const guess = nearest(first, DATA)
    const message = `Unknown name "@${first}".${guess === undefined ? '' : ` Did you mean "@${guess}"?`}`
    const hint = 'The names with @ are @index, @key, @first, @last and @root; a name of the row is written without @.'
    return { head: makePath([], loc, { original: 'this' }), names: [], atTopLevel: 'no', problem: { message, hint } }
  }
  if (depth === 0 && path.original.startsWith(first) && scope.blockParams.includes(first)) {
    return { head: makePath([first], loc), names: rest, atTopLevel: 'no' }
  }
  const head = makePath([], loc, { depth, original: depth === 0 ? 'this' : '../'.repeat(depth).slice(0, -1) })
  return { head, names: parts, atTopLevel: reach(scope.kinds, depth) }
}

/** Inside a block whose `this` only the row decides, even `../` may end anywhere. */
function reach(kinds: readonly ScopeKind[], depth: number): PathPlace['atTopLevel'] {
  if (kinds.includes('unsure')) return 'perhaps'
  return kinds[kinds.length - 1 - depth] === 'root' ? 'yes' : 'no'
}

function scopeOf(kinds: readonly ScopeKind[], blockParams: readonly string[]): Scope {
  return {
    kinds,
    blockParams,
    isRoot: kinds.length === 1,
    withBlockParams: (names) =>
      names === undefined || names.length === 0
        ? scopeOf(kinds, blockParams)
        : scopeOf(kinds, [...blockParams, ...names]),
  }
}
