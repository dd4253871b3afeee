// The one door to Handlebars. It parses and compiles; what a value means, and what is said when it is missing, is ours.

import Handlebars from 'handlebars'
import { invariant, UserError } from '../core/errors.ts'
import type { Job, TemplateText } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import { joined } from './filled.ts'
import { compilePlain, type PlainTemplate } from './plain-template.ts'
import { rewrite } from './rewrite.ts'
import type { NameUse } from './rewritten.ts'
import { syntaxProblem } from './syntax-problem.ts'
import { constantOf, type Program } from './template-ast.ts'
import { checkLength, TemplateRowError } from './template-error.ts'
import { linkTemplate, type Unit } from './template-link.ts'
import { createTemplateRuntime } from './template-runtime.ts'

export type { NameUse } from './rewritten.ts'
export { TemplateRowError } from './template-error.ts'

/** A compiled template. */
export interface Template {
  readonly source: TemplateText
  /** The text, when it has no expression. */
  readonly constant: string | undefined
  /** Every name that it or its partials read at the top level of the context, with its place. */
  readonly names: readonly NameUse[]
  /** Whether it reads the whole context, so that `names` do not say everything. */
  readonly readsAll: boolean
  /** How it is put together, where it only puts values into text. */
  readonly plain?: PlainTemplate
  /** Throws TemplateRowError: an unknown name, null or an object in a text, a template that loops, and the like. */
  render(context: JsonObject): string
}

export interface Templates {
  /** Throws UserError with every mistake in the text and in the partials that it calls. */
  compile(text: TemplateText): Template
}

type Compiled = (context: unknown, options?: object) => string

/**
 * Templates that share partials. Strict, never HTML-escaped, without a way to a prototype, without clock or randomness.
 * `road: 'handlebars'` keeps plain templates off their shortcut; tests compare the two.
 */
export function createTemplates(partials: Job['partials'], options: { readonly road?: 'handlebars' } = {}): Templates {
  const sources: TemplateText[] = []
  const partialUnits = new Map<string, Unit>()
  const environment = Handlebars.create()
  const runtime = createTemplateRuntime({ sources, partials })
  const knownHelpers = Object.fromEntries(Object.keys(runtime.helpers).map((name) => [name, true]))

  function parse(source: TemplateText): Unit {
    const srcName = String(sources.push(source) - 1)
    let original: Program
    try {
      original = Handlebars.parse(source.text, { srcName }) as unknown as Program
    } catch (error) {
      throw new UserError(syntaxProblem(source, error))
    }
    const rewritten = rewrite(original, source)
    for (const name of rewritten.inlinePartials) runtime.inlinePartials.add(name)
    const plain = compilePlain(original, source, (index) => statementRenderer(source, rewritten.program, index))
    return { source, constant: constantOf(original), plain, ...rewritten }
  }

  function compileUnit(unit: Pick<Unit, 'program'>): Compiled {
    // Every value is read by our own helpers, so Handlebars' strict mode would have nothing left to refuse.
    // Blanks around blocks that stand alone were taken off when the whole template was parsed; a part of it may look alone.
    const compileOptions = { noEscape: true, knownHelpersOnly: true, knownHelpers, ignoreStandalone: true }
    return environment.compile(unit.program, compileOptions as CompileOptions)
  }

  /**
   * Renders a template the way Handlebars calls a partial, with everything given: called as a template of its own it
   * would wrap all helpers anew for each row, which takes longer than rendering (12 s instead of 4 s a million).
   */
  function renderTop(compiled: Compiled, context: JsonObject): string {
    const { partials: registered, decorators } = environment
    const none = { whitelist: {}, defaultValue: false }
    return compiled(context, {
      partial: true,
      data: { root: context },
      helpers: runtime.helpers,
      partials: registered,
      decorators,
      hooks: {},
      protoAccessControl: { properties: none, methods: none },
    })
  }

  /** Read when something calls it, because a folder may hold templates of other jobs. */
  function partialUnit(name: string): Unit | undefined {
    const source = Object.hasOwn(partials, name) ? partials[name] : undefined
    if (source === undefined) return undefined
    const unit = partialUnits.get(name) ?? parse(source)
    partialUnits.set(name, unit)
    return unit
  }

  /** A partial that only a row names is not checked before it is called. */
  function compilePartial(name: string): Compiled {
    const unit = partialUnit(name)
    invariant(unit !== undefined, `The partial ${name} was registered and is gone.`)
    const [problem] = linkTemplate(unit, partialUnit, [...Object.keys(partials), ...runtime.inlinePartials]).problems
    if (problem !== undefined) throw new TemplateRowError(problem)
    return compileUnit(unit)
  }

  for (const [name, source] of Object.entries(partials)) {
    let compiled: Compiled | undefined
    environment.registerPartial(name, (context: unknown, callOptions?: object) => {
      compiled ??= compilePartial(name)
      const call = compiled
      return runtime.enterPartial(name, source, () => call(context, callOptions))
    })
  }

  function guarded(unit: Pick<Unit, 'source' | 'program'>): Template['render'] {
    const compiled = compileUnit(unit)
    return runtime.guard(unit.source, (context) => renderTop(compiled, context))
  }

  /** Renders one statement of a template alone; compiled when it is first needed. */
  function statementRenderer(source: TemplateText, program: Program, index: number): Template['render'] {
    let render: Template['render'] | undefined
    return (context) => {
      render ??= guarded({ source, program: { ...program, body: program.body.slice(index, index + 1) } })
      return render(context)
    }
  }

  return {
    compile(source) {
      const unit = parse(source)
      const { problems, names, readsAll } = linkTemplate(unit, partialUnit, Object.keys(partials))
      if (problems.length > 0) throw new UserError(problems)
      const { constant } = unit
      if (constant !== undefined) return { source, constant, names, readsAll, render: () => constant }
      const plain = options.road === 'handlebars' ? undefined : unit.plain
      if (plain === undefined) return { source, constant, names, readsAll, render: guarded(unit) }
      const render = (context: JsonObject): string =>
        checkLength(joined(plain.constants, plain.values(context)), source)
      return { source, constant, names, readsAll, plain, render }
    },
  }
}
