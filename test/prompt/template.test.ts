import fc from 'fast-check'
import Handlebars from 'handlebars'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/core/errors.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { templateContext } from '../../src/prompt/context.ts'
import { createTemplates } from '../../src/prompt/template.ts'
import { hbs, placesOf, problemsOf } from './support.ts'

const row: JsonObject = {
  name: 'Bo',
  title: '<b>"quoted" & more</b>',
  count: 3,
  zero: 0,
  yes: true,
  nothing: null,
  empty: '',
  date: '2026-11-22',
  tags: ['a', 'b'],
  none: [],
  author: { name: 'Ann', born: null },
  items: [{ label: 'one' }, { label: 'two', extra: 'x' }],
  'first name': 'Bo Li',
}
const context = templateContext(row, { vars: { language: 'English' }, job: { name: 'demo' } })
const templates = createTemplates({
  foot: hbs('Regards, {{name}}', 'templates/foot.hbs'),
  item: hbs('- {{label}}\n', 'templates/item.hbs'),
  tree: hbs('{{label}}({{#each children}}{{> tree}}{{/each}})', 'templates/tree.hbs'),
  layout: hbs('<{{> @partial-block}}>', 'templates/layout.hbs'),
  asks: hbs('Dear\n{{nmae}}', 'templates/asks.hbs'),
})

const render = (text: string, from: JsonObject = context): string => templates.compile(hbs(text)).render(from)

describe('a template', () => {
  test.each([
    ['a value is put in as it is, never HTML-escaped', '{{title}}', '<b>"quoted" & more</b>'],
    ['numbers, 0 and booleans have a text', '{{count}} {{zero}} {{yes}}', '3 0 true'],
    ['a path goes down', '{{author.name}}', 'Ann'],
    ['vars and job are there', '{{vars.language}} {{job.name}}', 'English demo'],
    ['a name with a blank is written in brackets', '{{[first name]}}', 'Bo Li'],
    ['a field may be named like a helper', '{{date}} {{date date "D MMM YYYY"}}', '2026-11-22 22 Nov 2026'],
    ['a block parameter may be named like a helper', '{{#each tags as |upper|}}{{lower upper}}{{/each}}', 'ab'],
    [
      'if takes 0, "", null and an empty list for no',
      '{{#if zero}}1{{/if}}{{#if empty}}2{{/if}}{{#if nothing}}3{{/if}}{{#if none}}4{{/if}}',
      '',
    ],
    ['if with includeZero takes 0 for yes', '{{#if zero includeZero=true}}zero{{/if}}', 'zero'],
    ['else if chains', '{{#if zero}}a{{else if yes}}b{{else}}c{{/if}}', 'b'],
    ['unless is the other way round', '{{#unless nothing}}none{{/unless}}', 'none'],
    ['a condition on a nested name that is missing is no', '{{#if author.died}}dead{{else}}alive{{/if}}', 'alive'],
    [
      'each has @index, @key, @first and @last',
      '{{#each tags}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}',
      '0a,1b',
    ],
    ['each over an object gives its keys', '{{#each vars}}{{@key}}={{this}}{{/each}}', 'language=English'],
    ['each of nothing is its else', '{{#each none}}x{{else}}none{{/each}}{{#each nothing}}x{{/each}}', 'none'],
    ['items of a list may differ', '{{#each items}}{{label}}{{#if extra}}!{{/if}}{{/each}}', 'onetwo!'],
    ['../ and @root lead out of a loop', '{{#each tags}}{{this}}{{../name}}{{@root.count}}{{/each}}', 'aBo3bBo3'],
    ['with goes into an object', '{{#with author}}{{name}}{{/with}}', 'Ann'],
    ['a name may be a block', '{{#tags}}{{this}}{{/tags}}{{^none}}-{{/none}}', 'ab-'],
    ['a comparison may be a block', '{{#eq count 3}}three{{else}}other{{/eq}}', 'three'],
    ['lookup finds by a value', '{{lookup tags 1}}{{lookup author "name"}}', 'bAnn'],
    ['this is the row without vars and job', '{{#each this}}{{@key}} {{/each}}', `${Object.keys(row).join(' ')} `],
    ['a partial sees what its caller sees', '{{> foot}}', 'Regards, Bo'],
    ['a partial takes a context and names', '{{> foot author}} {{> foot name="Eve"}}', 'Regards, Ann Regards, Eve'],
    [
      'a partial that stands alone on its line is indented',
      '{{#each items}}\n  {{> item}}\n{{/each}}',
      '  - one\n  - two\n',
    ],
    ['a partial named by the row', '{{> (lookup this "p")}}', 'Regards, Bo', { ...row, p: 'foot' }],
    ['a layout takes a block', '{{#> layout}}in {{name}}{{/layout}}', '<in Bo>'],
    ['a template defines its own partials', '{{#*inline "x"}}[{{name}}]{{/inline}}{{> x}}', '[Bo]'],
    [
      'a partial may call itself over a tree',
      '{{> tree}}',
      'a(b()c())',
      {
        label: 'a',
        children: [
          { label: 'b', children: [] },
          { label: 'c', children: [] },
        ],
      },
    ],
    ['comments say nothing', 'a{{! x }}{{!-- {{y}} --}}b', 'ab'],
    ['an escaped brace stays', '\\{{name}}', '{{name}}'],
  ])('%s', (_, text, expected, from?: JsonObject) => {
    expect(render(text, from ?? context)).toBe(expected)
  })

  test('knows its text when it has no expression', () => {
    expect(templates.compile(hbs('just text {{! comment }}')).constant).toBe('just text ')
    expect(templates.compile(hbs('{{name}}')).constant).toBeUndefined()
  })

  test('lists the names it reads at the top level, those of its partials too', () => {
    const { names, readsAll } = templates.compile(hbs('{{name}}\n {{#each items}}{{label}}{{/each}}{{> asks}}'))
    expect(names).toEqual([
      { name: 'name', file: 'templates/main.hbs', line: 1, column: 3, certain: true },
      { name: 'items', file: 'templates/main.hbs', line: 2, column: 10, certain: true },
      { name: 'nmae', file: 'templates/asks.hbs', line: 2, column: 3, certain: true },
    ])
    expect(readsAll).toBe(false)
    expect(templates.compile(hbs('{{json this}}')).readsAll).toBe(true)
    expect(templates.compile(hbs('{{#each items}}{{> foot}}{{/each}}')).names.map((use) => use.certain)).toEqual([
      true,
      false,
    ])
  })
})

describe('a mistake that a row shows', () => {
  test.each([
    ['an unknown name', 'Hi\n  {{nmae}}', '2:5 Unknown name "nmae". Did you mean "name"?'],
    ['an unknown name in a condition', '{{#if nmae}}x{{/if}}', '1:7 Unknown name "nmae". Did you mean "name"?'],
    ['an unknown nested name', '{{author.nam}}', '1:3 Unknown name "nam" in author. Did you mean "name"?'],
    [
      'a name of the row inside a loop',
      '{{#each items}}{{title}}{{/each}}',
      '1:18 Unknown name "title" in the item here.',
    ],
    ['a path through null', '{{nothing.x}}', '1:3 nothing is null, so it has no "x".'],
    ['a path through a text', '{{name.x}}', '1:3 name is "Bo", so it has no "x".'],
    ['a path through a list', '{{items.label}}', '1:3 items is a list of 2, so it has no "label".'],
    ['null in a text', '{{nothing}}', '1:3 nothing is null, and a text cannot say that.'],
    ['an object in a text', '{{author}}', '1:3 author is an object, and a text cannot hold it as it is.'],
    ['a list in a text', '{{tags}}', '1:3 tags is a list, and a text cannot hold it as it is.'],
    ['each over a text', '{{#each name}}x{{/each}}', '1:1 {{#each}} needs a list or an object; it was given "Bo".'],
    [
      'a helper that is given nothing',
      '{{upper author.born}}',
      '1:3 The helper upper needs a text; it was given null.',
    ],
    [
      'a helper inside a helper',
      '{{json (upper author)}}',
      '1:9 The helper upper needs a text; it was given an object.',
    ],
    ['@index outside a loop', '{{@index}}', '1:3 @index has no value here.'],
    ['too many ../', '{{../name}}', '1:3 ../name goes further up than there is something.'],
    ['a partial that the row names and nobody knows', '{{> (lookup this "name")}}', '1:5 Unknown partial "Bo".'],
    ['the prototype', '{{author.constructor}}', '1:3 Unknown name "constructor" in author.'],
    [
      'the prototype by lookup',
      '{{lookup author "__proto__"}}',
      '1:3 (lookup …) is missing, and a text cannot say that.',
    ],
    ['a method of a list', '{{tags.map}}', '1:3 tags is a list of 2, so it has no "map".'],
  ])('%s', (_, text, expected) => {
    expect(placesOf(() => render(text))).toEqual([`templates/main.hbs:${expected}`])
  })

  test('names the names that exist', () => {
    const [problem] = problemsOf(() => render('{{nmae}}', templateContext({ name: 1, 'a b': 2 }, { vars: {} })))
    expect(problem?.hint).toBe('The names that exist are name, [a b] and vars.')
  })

  test('says how to write an object, and how to leave out null', () => {
    expect(problemsOf(() => render('{{author}}'))[0]?.hint).toBe('Write {{json author}}.')
    expect(problemsOf(() => render('{{nothing}}'))[0]?.hint).toContain('{{default nothing "…"}}')
  })

  test('has its place in the partial where it is', () => {
    expect(placesOf(() => render('{{> asks}}'))).toEqual([
      'templates/asks.hbs:2:3 Unknown name "nmae". Did you mean "name"?',
    ])
  })

  test('has its place in the job file, with an excerpt that fits the column', () => {
    const inline = { text: 'Hi {{name}},\nyour {{nmae}}', file: 'jobs/a.yaml', line: 7, column: 5 }
    const [problem] = problemsOf(() => templates.compile(inline).render(context))
    expect(problem).toMatchObject({ file: 'jobs/a.yaml', line: 8, column: 12, length: 4, excerpt: '    your {{nmae}}' })
    expect(problem?.excerpt?.slice(11, 15)).toBe('nmae')
  })
})

describe('a mistake that the text shows', () => {
  test.each([
    ['an unknown helper', '{{uppr name}}', '1:3 Unknown helper "uppr". Did you mean "upper"?'],
    ['a helper that Handlebars has and we have not', '{{log name}}', '1:3 Unknown helper "log".'],
    ['an unknown block', '{{#iff name}}{{/iff}}', '1:4 Unknown block {{#iff}}. Did you mean {{#if}}?'],
    ['a helper as a block', '{{#upper name}}{{/upper}}', '1:4 upper is no block.'],
    ['a block without #', '{{if name}}', '1:3 if is a block.'],
    ['a block without a value', '{{#if}}{{/if}}', '1:4 {{#if}} needs a value, as in {{#if tags}}.'],
    ['too few values', '{{truncate name}}', '1:3 The helper truncate takes 2 values; it was given 1.'],
    ['an unknown option', '{{json name indnt=2}}', '1:13 Unknown option "indnt" of json.'],
    ['an unknown partial', 'a\n{{> fot}}', '2:5 Unknown partial "fot". Did you mean "foot"?'],
    ['an unknown @', '{{@indx}}', '1:3 Unknown name "@indx". Did you mean "@index"?'],
    [
      'an open block',
      'a {{#if name}}\n{{#each tags}}{{!-- {{#if --}}{{/each}}x',
      '1:3 The block {{#if}} that begins here is not closed.',
    ],
    [
      'an open expression',
      'a\nb {{name',
      '2:5 The template ends inside an expression or a block: a }} or a {{/…}} is missing.',
    ],
    ['a block closed by another', '\n{{#if name}}{{/each}}', '2:4 The block {{#if}} is closed by {{/each}}.'],
    ['a block closed twice', 'x {{/if}}', '1:3 This closes a block that is not open.'],
    ['an empty expression', 'a {{ }}', '1:6 The expression ends before it says anything, or in the middle of a path.'],
    [
      'a quote that is not closed',
      '{{json "a}} {{name}}',
      '1:8 Handlebars cannot read what begins with "\\"a}} {{name}" here.',
    ],
  ])('%s', (_, text, expected) => {
    expect(placesOf(() => templates.compile(hbs(text)))).toEqual([`templates/main.hbs:${expected}`])
  })

  test('does not hide the next, nor those of its partials', () => {
    const several = createTemplates({ bad: hbs('{{nope x}}', 'templates/bad.hbs') })
    expect(placesOf(() => several.compile(hbs('{{uppr x}}\n{{lowr x}}{{> bad}}{{> bda}}')))).toEqual([
      'templates/main.hbs:1:3 Unknown helper "uppr". Did you mean "upper"?',
      'templates/main.hbs:2:3 Unknown helper "lowr". Did you mean "lower"?',
      'templates/bad.hbs:1:3 Unknown helper "nope".',
      'templates/main.hbs:2:24 Unknown partial "bda". Did you mean "bad"?',
    ])
  })

  test('in a partial that nothing calls does not matter', () => {
    const several = createTemplates({ broken: hbs('{{#if', 'templates/broken.hbs') })
    expect(several.compile(hbs('{{name}}')).render({ name: 'Bo' })).toBe('Bo')
    expect(placesOf(() => several.compile(hbs('{{> broken}}')))).toHaveLength(1)
  })
})

/** Forty partials of which each calls the next one twice. */
const doubled = Array.from({ length: 40 }, (_, index) =>
  index === 39 ? '' : `{{> double${index + 1}}}{{> double${index + 1}}}`,
)

describe('a template that does not end', () => {
  test('nor one with more expressions than can be compiled in a bounded memory', () => {
    const problems = problemsOf(() => createTemplates({}).compile(hbs('{{a}}\n'.repeat(6000))))
    expect(problems).toMatchObject([{ message: expect.stringContaining('more than 5,000 expressions'), line: 5001 }])
  })

  const endless = createTemplates({
    self: hbs('a{{> self}}', 'templates/self.hbs'),
    twice: hbs('{{> twice}}{{> twice}}', 'templates/twice.hbs'),
    ...Object.fromEntries(doubled.map((text, index) => [`double${index}`, hbs(text, `templates/double${index}.hbs`)])),
  })
  const inline = doubled.map((text, index) => `{{#*inline "double${index}"}}${text}{{/inline}}`).join('')
  const long = Array.from({ length: 1000 }, (_, index) => index)

  test.each([
    ['by a partial', '{{> self}}', /"self" is called 100 calls deep/],
    ['by a partial twice', '{{> twice}}', /"twice" is called 100 calls deep/],
    ['by a partial of its own', '{{#*inline "r"}}{{> r}}{{/inline}}{{> r}}', /calls itself without end/],
    [
      'by loops',
      '{{#each l}}{{#each @root.l}}{{#each @root.l}}{{/each}}{{/each}}{{/each}}',
      /more than 1,000,000 turns/,
    ],
    ['by partials that call others twice', '{{> double0}}', /more than 1,000,000 turns/],
    ['by partials of its own that do the same', `${inline}{{> double0}}`, /more than 1,000,000 turns/],
    ['by its size', '{{#each l}}{{#each @root.l}}{{@root.s}}{{/each}}{{/each}}', /too long to be sent/],
    ['by its size without a loop', '{{s}}{{s}}{{s}}', /more than 33,554,432 characters/, 'x'.repeat(12_000_000)],
  ])('%s is stopped in bounded time', (_, text, expected, s = 'x'.repeat(1000)) => {
    const started = performance.now()
    expect(placesOf(() => endless.compile(hbs(text)).render({ l: long, s }))[0]).toMatch(expected)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('leaves the next one as it was', () => {
    expect(placesOf(() => endless.compile(hbs('{{> self}}')).render({}))).toHaveLength(1)
    expect(endless.compile(hbs('{{#each l}}x{{/each}}')).render({ l: [1, 2] })).toBe('xx')
  })
})

describe('properties', () => {
  const names = ['a', 'b', 'c.d', 'list', 'missing', 'nil']
  const plain = fc.array(
    fc.oneof(
      fc.constantFrom(...names.map((name) => `{{${name}}}`), '{{{a}}}', '{{! no }}', '{{~b~}}'),
      fc.string().filter(isPlainText),
    ),
  )
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(''))
  const rows = fc.record({
    a: value,
    b: value,
    c: fc.record({ d: value }),
    list: fc.array(value),
    nil: fc.constant(null),
  })

  test('the shortcut for plain templates says what the Handlebars road says, errors included', () => {
    const slow = createTemplates({}, { road: 'handlebars' })
    fc.assert(
      fc.property(plain, rows, (pieces, from) => {
        const text = hbs(pieces.join(''))
        expect(attempt(() => templates.compile(text).render(from))).toEqual(
          attempt(() => slow.compile(text).render(from)),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('what we render, Handlebars renders the same, in one piece or in several', () => {
    const reference = Handlebars.create()
    reference.registerPartial('p', '[{{a}}]\n')
    const ours = createTemplates({ p: hbs('[{{a}}]\n', 'p.hbs') })
    const atoms = fc.constantFrom(
      ...[
        '{{a}}',
        '{{c.d}}',
        '{{this.a}}',
        '{{./b}}',
        '{{@root.a}}',
        '{{lookup list 0}}',
        '{{> p}}',
        '\n  {{> p}}\n',
        ' x ',
        '\n',
        '{{~a}} ',
      ],
    )
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        atoms,
        fc.tuple(tie('tree'), tie('tree')).map(([one, two]) => one + two),
        tie('tree').map((inner) => `{{#if b}}${inner}{{else}}no{{/if}}`),
        tie('tree').map((inner) => `{{#unless c.x}}\n${inner}\n{{/unless}}`),
        tie('tree').map(
          (inner) => `{{#each list as |v k|}}{{k}}{{v}}{{@first}}{{#with @root}}${inner}{{/with}}{{else}}-{{/each}}`,
        ),
        tie('tree').map((inner) => `{{#with c}}{{d}}{{../b}}{{#with ..}}${inner}{{/with}}{{/with}}`),
        tie('tree').map((inner) => `{{#each rows}}\n{{a}}{{@index}}{{../b}}\n{{/each}}${inner}`),
        tie('tree').map((inner) => `{{#b}}{{#with @root}}${inner}{{/with}}{{/b}}{{^b}}none{{/b}}`),
      ),
    }))
    // Texts only: without escaping Handlebars adds neighbouring numbers up instead of writing them side by side.
    const scalar = fc.string()
    const record = fc.record({
      a: scalar,
      b: fc.constantFrom('', 'b', 'B b'),
      c: fc.record({ d: scalar }),
      list: fc.array(scalar, { maxLength: 3 }),
      rows: fc.array(fc.record({ a: scalar }), { maxLength: 3 }),
    })
    const slow = createTemplates({ p: hbs('[{{a}}]\n', 'p.hbs') }, { road: 'handlebars' })
    let compared = 0
    fc.assert(
      fc.property(tree, record, (text, from) => {
        // Handlebars cannot compare a record without a prototype with a text.
        const row = JSON.parse(JSON.stringify(from)) as JsonObject
        const said = attempt(() => ours.compile(hbs(text)).render(row))
        // Of two equal expressions Handlebars compiles one, so in one piece the place may be the other's.
        expect(told(said)).toEqual(told(attempt(() => slow.compile(hbs(text)).render(row))))
        if ('problem' in said) return
        compared += 1
        expect(said.text).toBe(reference.compile(text, { noEscape: true })(row))
      }),
      { numRuns: 1000 },
    )
    expect(compared).toBeGreaterThan(500)
  })
})

function isPlainText(text: string): boolean {
  return !text.includes('{') && !text.includes('\\')
}

/** The text, or what is wrong without its place. */
function told(said: ReturnType<typeof attempt>): unknown {
  return 'text' in said ? said : ((said.problem as Partial<Problem>).message ?? said.problem)
}

function attempt(work: () => string): { text: string } | { problem: unknown } {
  try {
    return { text: work() }
  } catch (error) {
    return { problem: (error as { problem?: unknown }).problem ?? String(error) }
  }
}
