// Writes docs/job.md from the job's schema, the helpers of templates and the jobs under docs/examples/job: run it after
// `npm run build` when one of them has changed. With --check it only says whether the page is up to date.
// What stands above the mark in the page is written by hand and stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { catalog } from '../build/catalog.js'
import { jobSchema } from '../build/job/schema.js'
import { HELPERS } from '../build/prompt/helpers.js'
import { code, flow, keyTable, kind, table } from './docs-words.mjs'

const MARK = '<!-- From here on this page is made by scripts/job-docs.mjs. -->'
const docs = new URL('../docs/', import.meta.url)

/** The keys in the order of a job, and the jobs that show them. */
const CHAPTERS = [
  { title: 'The job itself', keys: ['version', 'name', 'description', 'vars'], examples: ['smallest'] },
  { title: 'Rows', keys: ['dataset'], examples: ['choose-rows'] },
  { title: 'Documents', keys: ['documents'], examples: ['attach-documents', 'attach-from-elsewhere'] },
  { title: 'What is asked', keys: ['system', 'prompt', 'messages'], examples: ['few-shot'] },
  { title: 'Tools', keys: ['tools', 'max_rounds'], examples: ['ask-with-tools'] },
  { title: 'Answers', keys: ['output', 'retry', 'on_rejected', 'sinks'], examples: ['checked-answers'] },
  {
    title: 'Who answers, and how a run behaves',
    keys: ['provider', 'model', 'params', 'batch', 'gate', 'reuse', 'budget', 'prices', 'store'],
    examples: ['careful-with-money'],
  },
]

/** Mappings whose form depends on a type have pages of their own. */
const BY_TYPE = {
  dataset: {
    page: 'sources.md',
    components: catalog.sources,
    shared: ['type', 'key', 'where', 'limit', 'sample', 'matrix'],
  },
  sinks: { page: 'sinks.md', components: catalog.sinks, shared: ['type', 'select'] },
}

const schema = jobSchema(catalog)

function main() {
  const known = CHAPTERS.flatMap(({ keys }) => keys)
  const missing = Object.keys(schema.properties).filter((key) => !known.includes(key))
  if (missing.length > 0) throw new Error(`No chapter of docs/job.md has ${missing.join(', ')}.`)
  const url = new URL('job.md', docs)
  const before = readFileSync(url, 'utf8')
  const after = `${before.split(MARK, 1)[0]}${MARK}\n\n${generated()}`
  if (after === before) return
  if (!process.argv.includes('--check')) writeFileSync(url, after)
  else {
    process.stderr.write('docs/job.md is not what scripts/job-docs.mjs makes of the schema.\n')
    process.exitCode = 1
  }
}

function generated() {
  const contents = Object.keys(schema.properties).map((key) => `[${key}](#${key})`)
  return `## All keys

${contents.join(' · ')}

${CHAPTERS.map(chapter).join('\n')}
## Helpers of templates

${table(
  ['helper', 'written', ''],
  HELPERS.map(({ name, usage, about }) => [code(name), code(usage), about]),
)}
`
}

function chapter({ title, keys, examples }) {
  return `## ${title}\n\n${[...keys.map(section), ...examples.map(example)].join('\n')}`
}

function section(key) {
  const option = schema.properties[key]
  const isRequired = schema.required.includes(key)
  const facts = [isRequired ? '*Required.*' : '', ...defaultOf(option), `Value: ${kind(option)}.`, ...exampleOf(option)]
  const { page, components, shared } = BY_TYPE[key] ?? {}
  const keys = keysBelow(option, '', shared)
  const types = components?.map(({ type }) => `[${type}](${page}#${type})`).join(' · ')
  const more = types === undefined ? '' : `\nEach type has options of its own: ${types}.\n`
  return `### ${key}

${option.description}

${facts.filter((fact) => fact !== '').join(' ')}
${keys.length === 0 ? '' : `\n${keyTable(keys, 'key')}\n`}${more}`
}

function defaultOf(option) {
  return option.default === undefined ? [] : [`Default: ${code(flow(option.default))}.`]
}

function exampleOf(option) {
  // Longer examples are in the job below.
  const short = (option.examples ?? []).map(flow).filter((text) => text.length < 80)
  return short.length === 0 ? [] : [`${short.length === 1 ? 'Example' : 'Examples'}: ${short.map(code).join(', ')}.`]
}

/** Every key inside a mapping or a list of mappings, deeper ones as `truncated.grow`. */
function keysBelow(option, before = '', shared = undefined) {
  const found = new Map()
  const mappings = formsOf(option).flatMap((form) => (form.type === 'array' ? formsOf(form.items ?? {}) : [form]))
  const withKeys = mappings.filter(({ properties }) => properties !== undefined)
  for (const mapping of mappings) {
    for (const [name, inner] of Object.entries(mapping.properties ?? {})) {
      const path = `${before}${name}`
      if (inner === true || found.has(path) || shared?.includes(name) === false) continue
      const isRequired = withKeys.every(({ required = [] }) => required.includes(name))
      found.set(path, {
        name: path,
        option: shared !== undefined && name === 'type' ? anyType(mappings) : inner,
        isRequired,
      })
      for (const key of keysBelow(inner, `${path}.`)) if (!found.has(key.name)) found.set(key.name, key)
    }
    if (typeof mapping.additionalProperties === 'object' && mapping.properties === undefined)
      for (const key of keysBelow(mapping.additionalProperties, `${before}*.`)) found.set(key.name, key)
  }
  return [...found.values()]
}

function anyType(mappings) {
  const types = mappings.flatMap(({ properties }) => properties?.type?.const ?? [])
  return { description: 'Which of them it is; the others below are keys of all.', enum: types, examples: [types[0]] }
}

/** A value's forms where it may have several. */
function formsOf(option) {
  const forms = [...(option.anyOf ?? []), ...(option.type === undefined ? (option.oneOf ?? []) : [])]
  const branches = [option.then, option.else].filter((branch) => branch !== undefined)
  return forms.length + branches.length === 0 ? [option] : [...forms, ...branches].flatMap(formsOf)
}

function example(name) {
  const yaml = readFileSync(new URL(`examples/job/${name}.yaml`, docs), 'utf8')
  return `\`docs/examples/job/${name}.yaml\`:

\`\`\`yaml
${yaml.trimEnd()}
\`\`\`
`
}

main()
