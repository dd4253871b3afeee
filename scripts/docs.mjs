// Writes docs/sinks.md and docs/sources.md from the components' own declarations and the jobs under docs/examples: run it
// after `npm run build` when a component has changed. With --check it only says whether the pages are up to date.
// What stands above the mark in a page is written by hand and stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { catalog } from '../build/catalog.js'
import { listed, optionTable } from './docs-words.mjs'

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

main()
