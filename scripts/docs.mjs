// Writes docs/sinks.md and docs/sources.md from the components' own declarations and the jobs under docs/examples: run it
// after `npm run build` when a component has changed. With --check it only says whether the pages are up to date.
// What stands above the mark in a page is written by hand and stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { catalog } from '../dist/catalog.js'

const MARK = '<!-- From here on this page is made by scripts/docs.mjs. -->'
const docs = new URL('../docs/', import.meta.url)
const pages = [
  { file: 'sinks.md', components: catalog.sinks, example: (type) => `sinks/to-${type}.yaml` },
  { file: 'sources.md', components: catalog.sources, example: (type) => `sources/from-${type}.yaml` },
]

function main() {
  const isCheck = process.argv.includes('--check')
  for (const { file, components, example } of pages) {
    const url = new URL(file, docs)
    const before = readFileSync(url, 'utf8')
    const after = `${before.split(MARK, 1)[0]}${MARK}\n\n${generated(components, example)}`
    if (after === before) continue
    if (!isCheck) writeFileSync(url, after)
    else {
      process.stderr.write(`docs/${file} is not what scripts/docs.mjs makes of the components.\n`)
      process.exitCode = 1
    }
  }
}

function generated(components, example) {
  const contents = components.map(({ type }) => `[${type}](#${type})`).join(' · ')
  return `${contents}\n\n${components.map((component) => section(component, example(component.type))).join('\n')}`
}

function section(component, example) {
  const yaml = readFileSync(new URL(`examples/${example}`, docs), 'utf8')
  return `## ${component.type}

${component.about}${endings(component)}${DELIVERY[component.delivery] ?? ''}

${optionTable(component.options)}

\`docs/examples/${example}\`:

\`\`\`yaml
${yaml.trimEnd()}
\`\`\`
`
}

const DELIVERY = {
  whole: ' Written as a whole when every row is final, in dataset order: it appears complete or not at all.',
  parts: ' Delivered batch by batch, as batches are done.',
}

function endings({ extensions = [] }) {
  if (extensions.length === 0) return ''
  return ` A path alone means it when it ends in ${listed(extensions.map((ending) => `\`${ending}\``))}.`
}

function optionTable({ properties = {}, required = [] }) {
  const rows = Object.entries(properties).map(([name, option]) => {
    const example = option.examples?.[0]
    const shown = example === undefined ? '' : ` Example: ${code(flow(example))}`
    return [
      `\`${name}\``,
      kind(option),
      option.default === undefined ? (required.includes(name) ? '*required*' : '') : code(flow(option.default)),
      `${option.description}${shown}`,
    ]
  })
  const lines = [['option', 'value', 'default', ''], ['---', '---', '---', '---'], ...rows]
  return lines.map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

function kind(option) {
  const alternatives = option.anyOf ?? option.oneOf
  if (alternatives !== undefined) return listed([...new Set(alternatives.map(kind))])
  if (option.enum !== undefined) return listed(option.enum.map((value) => code(flow(value))))
  if (option.type === 'array') return `list of ${KINDS[option.items?.type]?.[1] ?? 'values'}`
  return KINDS[option.type]?.[0] ?? 'any'
}

const KINDS = {
  string: ['text', 'texts'],
  integer: ['whole number', 'whole numbers'],
  number: ['number', 'numbers'],
  boolean: ['`true` or `false`', 'truth values'],
  object: ['mapping', 'mappings'],
}

/** A value as it may stand in a job: YAML in flow style. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${flow(name)}: ${flow(member)}`)
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  const isPlain =
    typeof value === 'string' && /^[\w./*$-][\w./*$ @-]*$/.test(value) && !/^(true|false|null|~|[\d.-]+)$/.test(value)
  return isPlain && !value.endsWith(' ') && !/^[*-]/.test(value) ? value : JSON.stringify(value)
}

function listed(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function code(text) {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

main()
