// `completions bash|zsh|fish`: a script for the shell, made from the commands as they are.

import { UserError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Action, CommandTree } from './command.ts'

const SHELLS: Readonly<Record<string, (program: CommandTree) => string>> = { bash, zsh, fish }

export function completions(program: CommandTree): Action {
  return async (io, [shell = '']) => {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
    if (script === undefined) {
      const guess = nearest(shell, Object.keys(SHELLS))
      throw new UserError({
        message: `There are no completions for "${shell}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
        hint: `There are some for ${Object.keys(SHELLS).join(', ')}.`,
      })
    }
    await io.out(script(program))
    return 0
  }
}

/** Every command with the words that lead to it: `''`, `run`, `batches list`. */
function flat(tree: CommandTree, path: readonly string[] = []): { path: string; tree: CommandTree }[] {
  const own = { path: path.join(' '), tree }
  return [own, ...tree.commands.flatMap((command) => flat(command, [...path, command.name]))]
}

/** Where the runs of a project lie: their folders' names are what `[run-or-job]` takes. */
const RUNS = 'command ls .batchwright/runs 2>/dev/null'

function bash(program: CommandTree): string {
  const all = flat(program)
  return `# Completions of batchwright for bash. Use: source <(batchwright completions bash)
_batchwright() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in
      ${names(all)}) at="\${at:+$at }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$at $prev" in
${valueCases(all, (choices) => `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`, 'compopt -o default 2>/dev/null')}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${all.map(({ path, tree }) => `      ${quoted(path)}) COMPREPLY=($(compgen -W ${quoted(flagsOf(tree).join(' '))} -- "$cur")) ;;`).join('\n')}
    esac
    return
  fi
  case "$at" in
${all.flatMap(({ path, tree }) => bashWords(path, tree)).join('\n')}
  esac
}
complete -F _batchwright batchwright
`
}

function bashWords(path: string, tree: CommandTree): string[] {
  const lead = `    ${quoted(path)})`
  if (tree.commands.length > 0) {
    return [`${lead} COMPREPLY=($(compgen -W ${quoted(tree.commands.map(({ name }) => name).join(' '))} -- "$cur")) ;;`]
  }
  const kind = kindOf(tree)
  if (kind === 'shell')
    return [`${lead} COMPREPLY=($(compgen -W ${quoted(Object.keys(SHELLS).join(' '))} -- "$cur")) ;;`]
  if (kind === 'run')
    return [`${lead} COMPREPLY=($(compgen -W "$(${RUNS})" -- "$cur")); compopt -o default 2>/dev/null ;;`]
  return kind === 'file' ? [`${lead} compopt -o default 2>/dev/null ;;`] : []
}

function zsh(program: CommandTree): string {
  const all = flat(program)
  return `#compdef batchwright
# Completions of batchwright for zsh. Use: source <(batchwright completions zsh), or save it as _batchwright in $fpath.
_batchwright() {
  local at='' word prev=\${words[CURRENT-1]}
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in
      ${names(all)}) at="\${at:+$at }$word" ;;
    esac
  done
  local -a choices
  case "$at $prev" in
${valueCases(all, (choices) => `compadd -- ${choices.map(quoted).join(' ')}`, '_files')}
  esac
  if [[ $PREFIX == -* ]]; then
    case "$at" in
${all.map(({ path, tree }) => `      ${quoted(path)}) choices=(${optionPairs(tree)}) ;;`).join('\n')}
    esac
    _describe option choices
    return
  fi
  case "$at" in
${all.flatMap(({ path, tree }) => zshWords(path, tree)).join('\n')}
  esac
}
compdef _batchwright batchwright
`
}

function zshWords(path: string, tree: CommandTree): string[] {
  const lead = `    ${quoted(path)})`
  if (tree.commands.length > 0) {
    const pairs = tree.commands.map(({ name, about }) => quoted(`${name}:${about.replaceAll(':', ',')}`))
    return [`${lead} choices=(${pairs.join(' ')}); _describe command choices ;;`]
  }
  const kind = kindOf(tree)
  if (kind === 'shell') return [`${lead} compadd -- ${Object.keys(SHELLS).join(' ')} ;;`]
  if (kind === 'run') return [`${lead} compadd -- \${(f)"$(${RUNS})"}; _files ;;`]
  return kind === 'file' ? [`${lead} _files ;;`] : []
}

function optionPairs(tree: CommandTree): string {
  return tree.options.map(({ flag, about }) => quoted(`${flag}:${about.replaceAll(':', ',')}`)).join(' ')
}

function fish(program: CommandTree): string {
  const lines = [
    '# Completions of batchwright for fish. Use: batchwright completions fish | source',
    'complete -c batchwright -f',
  ]
  const parents = program.commands.filter(({ commands }) => commands.length > 0).map(({ name }) => name)
  for (const { path, tree } of flat(program)) {
    const below = tree.commands.map(({ name }) => name).join(' ')
    const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
    // `cancel` is also a word behind `batches`.
    const elsewhere = path === '' || path.includes(' ') ? [] : parents.filter((name) => name !== path)
    const not = [below, ...elsewhere].filter((names) => names !== '')
    const here = [...seen, ...not.map((names) => `not __fish_seen_subcommand_from ${names}`)].join('; and ')
    const add = (rest: string): void => void lines.push(`complete -c batchwright -n ${quoted(here)} ${rest}`)
    for (const { name, about } of tree.commands) add(`-a ${name} -d ${quoted(about)}`)
    for (const { flag, about, value, choices } of tree.options) {
      const own = value === '' ? '' : isFile(value) ? ' -rF' : ' -x'
      const values = choices.length > 0 ? ` -xa ${quoted(choices.join(' '))}` : own
      add(`-l ${flag.replace(/^--/, '')}${values} -d ${quoted(about)}`)
    }
    const kind = kindOf(tree)
    if (kind === 'shell') add(`-a ${quoted(Object.keys(SHELLS).join(' '))}`)
    if (kind === 'run') add(`-F -a ${quoted(`(${RUNS})`)}`)
    if (kind === 'file') add('-F')
  }
  return `${lines.join('\n')}\n`
}

/** Whether the value of an option is the name of a file. */
function isFile(value: string): boolean {
  return /^(dir|file|path$|path\|)/.test(value)
}

/** What the first word behind a command is. */
function kindOf({ args }: CommandTree): 'run' | 'file' | 'shell' | 'none' {
  if (/^run/.test(args)) return 'run'
  if (/^(job|dir)/.test(args)) return 'file'
  return args === 'shell' ? 'shell' : 'none'
}

function names(all: readonly { path: string }[]): string {
  return all
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join(' | ')
}

/** One case for every option that wants a value: its choices, a file, or nothing that could be offered. */
function valueCases(
  all: readonly { path: string; tree: CommandTree }[],
  choose: (choices: readonly string[]) => string,
  files: string,
): string {
  const cases = all.flatMap(({ path, tree }) =>
    tree.options
      .filter(({ value }) => value !== '')
      .map(({ flag, value, choices }) => {
        const offered = choices.length > 0 ? `${choose(choices)}; ` : isFile(value) ? `${files}; ` : ''
        return `    ${quoted(`${path} ${flag}`)}) ${offered}return ;;`
      }),
  )
  return cases.join('\n')
}

function flagsOf(tree: CommandTree): string[] {
  return [...tree.options.map(({ flag }) => flag), '--help']
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
