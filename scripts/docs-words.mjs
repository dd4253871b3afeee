// How pages that are made from declarations tell them: the kinds of values, the values themselves, tables.

/** The keys of a mapping as a table: name, value, default, and what it is for. */
export function optionTable({ properties = {}, required = [] }) {
  return keyTable(
    Object.entries(properties).map(([name, option]) => ({ name, option, isRequired: required.includes(name) })),
    'option',
  )
}

/** @param {{ name: string, option: object, isRequired: boolean }[]} keys */
export function keyTable(keys, title) {
  const rows = keys.map(({ name, option, isRequired }) => {
    const example = option.examples?.[0]
    const shown = example === undefined ? '' : ` Example: ${code(flow(example))}`
    return [
      `\`${name}\``,
      kind(option),
      option.default === undefined ? (isRequired ? '*required*' : '') : code(flow(option.default)),
      `${option.description}${shown}`,
    ]
  })
  return table([title, 'value', 'default', ''], rows)
}

export function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

/** What a value may be, in words. */
export function kind(option) {
  const alternatives = option.anyOf ?? option.oneOf
  if (alternatives !== undefined && option.type === undefined) return listed([...new Set(alternatives.map(kind))])
  if (option.const !== undefined) return code(flow(option.const))
  if (option.enum !== undefined) return listed(option.enum.map((value) => code(flow(value))))
  if (option.type === 'array') return `list of ${kinds(option.items ?? {})}`
  return KINDS[option.type]?.[0] ?? 'any'
}

/** The same of many values. */
function kinds(option) {
  if (option.anyOf !== undefined) return listed([...new Set(option.anyOf.map(kinds))])
  return KINDS[option.type]?.[1] ?? 'values'
}

const KINDS = {
  string: ['text', 'texts'],
  integer: ['whole number', 'whole numbers'],
  number: ['number', 'numbers'],
  boolean: ['`true` or `false`', 'truth values'],
  object: ['mapping', 'mappings'],
}

/** A value as it may stand in a job: YAML in flow style. */
export function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${flow(name)}: ${flow(member)}`)
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  const isPlain =
    typeof value === 'string' && /^[\w./*$-][\w./*$ @-]*$/.test(value) && !/^(true|false|null|~|[\d.-]+)$/.test(value)
  return isPlain && !value.endsWith(' ') && !/^[*-]/.test(value) ? value : JSON.stringify(value)
}

export function listed(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

export function code(text) {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
