// The handler of the tool `lookup_glossary`: an ordinary function that takes the tool's input and returns what the model
// is to read. It runs on this machine, between two rounds of the batch.
import { readFile } from 'node:fs/promises'

const file = new URL('../data/glossary.json', import.meta.url)

/** `input` has already been checked against schemas/lookup.schema.json. */
export async function lookup({ term }) {
  const glossary = JSON.parse(await readFile(file, 'utf8'))
  const asked = term.toLowerCase()
  const found = Object.keys(glossary).filter((name) => asked.includes(name.toLowerCase()))
  if (found.length > 0) return found.map((name) => `${name}: ${glossary[name]}`).join('\n')
  return `The glossary has no entry for "${term}". Its entries: ${Object.keys(glossary).join(', ')}.`
}
