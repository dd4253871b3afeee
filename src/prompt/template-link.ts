import { type Problem, UserError } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import { nearest } from '../core/nearest.ts'
import { listed } from '../core/phrase.ts'
import type { PlainTemplate } from './plain-template.ts'
import type { NameUse, PartialUse, Rewritten } from './rewritten.ts'
import { problemAt } from './template-error.ts'

/** A template or partial once parsed, with everything that can be known of it alone. */
export interface Unit extends Rewritten {
  readonly source: TemplateText
  readonly constant: string | undefined
  readonly plain: PlainTemplate | undefined
}

export interface Linked {
  readonly problems: readonly Problem[]
  readonly names: readonly NameUse[]
  readonly readsAll: boolean
}

/**
 * What a template is together with every partial that it calls by name, at any depth. `partialUnit` answers undefined
 * for a partial that does not exist and throws UserError for one that cannot be parsed; `known` are those that exist.
 */
export function linkTemplate(
  unit: Unit,
  partialUnit: (name: string) => Unit | undefined,
  known: readonly string[],
): Linked {
  const problems: Problem[] = [...unit.problems]
  const names: NameUse[] = [...unit.names]
  let readsAll = unit.readsAll
  const inline = new Set(unit.inlinePartials)
  const unknown: { source: TemplateText; use: PartialUse }[] = []
  const seen = new Set<string>()

  const visit = (caller: Unit, certain: boolean): void => {
    for (const use of caller.partials) {
      const isCertain = certain && use.atTopLevel
      const mark = `${isCertain} ${use.name}`
      if (seen.has(mark)) continue
      const isFirst = !seen.has(`${!isCertain} ${use.name}`)
      seen.add(mark)
      const callee = attempt(() => partialUnit(use.name), isFirst ? problems : [])
      if (callee === 'failed') continue
      if (callee === undefined) {
        if (!use.hasFallback) unknown.push({ source: caller.source, use })
        continue
      }
      if (isFirst) problems.push(...callee.problems)
      for (const name of callee.inlinePartials) inline.add(name)
      names.push(...callee.names.map((name) => ({ ...name, certain: name.certain && isCertain })))
      readsAll ||= callee.readsAll
      visit(callee, isCertain)
    }
  }
  visit(unit, true)
  for (const { source, use } of unknown) {
    // A layout may call a partial that its caller defines, so only now it is clear which exist.
    const all = [...known, ...inline]
    if (!all.includes(use.name)) problems.push(unknownPartial(source, use, all))
  }
  return { problems, names, readsAll }
}

function attempt<T>(read: () => T, problems: Problem[]): T | 'failed' {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(...error.problems)
    return 'failed'
  }
}

function unknownPartial(source: TemplateText, { name, loc }: PartialUse, known: readonly string[]): Problem {
  const guess = nearest(name, known)
  return problemAt(
    source,
    loc,
    `Unknown partial "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    known.length === 0
      ? 'Every .hbs file beside a template is a partial by its name without .hbs; there is none.'
      : `The partials are ${listed(known, 'and')}: every .hbs file beside a template, by its name without .hbs.`,
  )
}
