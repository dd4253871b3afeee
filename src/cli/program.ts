// One command line, from its words to its exit status.

import { Command, CommanderError, type OutputConfiguration } from 'commander'
import { visible } from '../core/safe-text.ts'
import type { CommandSpec, CommandTree } from './command.ts'
import { COMMANDS, WORLD } from './commands.ts'
import type { Io } from './io.ts'
import { reportError } from './report-error.ts'

/** Options as commander parsed them; each command knows its own. */
export interface Flags {
  readonly root?: string
  readonly store?: string
  readonly local?: boolean
  readonly var?: readonly string[]
  readonly set?: readonly string[]
  readonly limit?: number
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly [name: string]: unknown
}

const EPILOGUE = `
batchwright COMMAND --help shows the options of a command, with an example.

Example, without a key and without cost:
  $ batchwright init reviews && cd reviews
  $ batchwright run jobs/reviews.yaml --local

Exit status:
  0    done, every row succeeded     3    done, some rows did not succeed
  1    an error; the run resumes     4    stopped by the budget or error gate
  2    the command or job is wrong   5    a decision is needed; it says which
  130  interrupted; it says how to go on`

/** Longer lines are harder to read, however wide the terminal is. */
const MAX_HELP_COLUMNS = 100

/** Runs one command line; the answer is the exit status. Never throws. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0
  const texts: Promise<void>[] = []
  const output: OutputConfiguration = {
    writeOut: (text) => void texts.push(io.out(text)),
    writeErr: (text) => io.err(visible(text)),
    getOutHelpWidth: () => Math.min(io.columns, MAX_HELP_COLUMNS),
  }
  const program = silenced(new Command('batchwright'), output)
  program
    .description('Declarative batch jobs for LLM batch APIs: every answer once, nothing paid twice.')
    .version(io.version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .addHelpCommand(new Command('help').argument('[command]').description('what a command does').helpGroup(WORLD))
    .addHelpText('after', EPILOGUE)
    .configureHelp({ subcommandTerm: termOf })
  for (const spec of COMMANDS) {
    addCommand(program, spec, io, output, (code) => {
      exitCode = code
    })
  }
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportError(io, error)
  } finally {
    await Promise.all(texts)
  }
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  io: Io,
  output: OutputConfiguration,
  done: (code: number) => void,
): void {
  const words = spec.name.split(' ')
  const name = words.at(-1) ?? spec.name
  const command = new Command(name)
  if (spec.args !== undefined) command.arguments(spec.args)
  command
    .description(sentence(spec.about))
    .summary(spec.about)
    .helpGroup(words.length > 1 ? 'Commands:' : spec.group)
    .addHelpText('after', `\nExample:\n  $ ${spec.example}`)
  for (const option of spec.options) command.addOption(option)
  command.action(async (...given: unknown[]) => {
    const flags = command.opts<Flags>()
    const action = await spec.load(treeOf(program))
    done(await action(io, given.slice(0, -2).flat().filter(isText), flags))
  })
  parentOf(program, words.slice(0, -1), spec.group, output).addCommand(silenced(command, output))
}

/** The command that nested ones hang on, made when first needed. */
function parentOf(program: Command, words: readonly string[], group: string, output: OutputConfiguration): Command {
  const [word] = words
  if (word === undefined) return program
  const known = program.commands.find((command) => command.name() === word)
  if (known !== undefined) return known
  const parent = silenced(new Command(word), output)
    .description(`The provider’s ${word} as they are.`)
    .summary(`the provider’s ${word} as they are: list, get, results, cancel, delete`)
    .helpGroup(group)
    .helpCommand(false)
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', `\nExample:\n  $ batchwright ${word} list`)
  program.addCommand(parent)
  return parent
}

/** Errors become exceptions instead of process.exit, and texts go where the caller says. */
function silenced(command: Command, output: OutputConfiguration): Command {
  return command
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .configureOutput(output)
    .showHelpAfterError('batchwright --help lists the commands, batchwright COMMAND --help their options.')
    .showSuggestionAfterError(true)
}

function sentence(about: string): string {
  return `${about.charAt(0).toUpperCase()}${about.slice(1)}.`
}

function termOf(command: Command): string {
  return `${command.name()} ${argsOf(command)}`.trimEnd()
}

/** `<job...>`, without the remark that there are options: every command has some. */
function argsOf(command: Command): string {
  return command
    .usage()
    .replace(/\[(options|command)\]/g, '')
    .trim()
}

function treeOf(command: Command): CommandTree {
  return {
    name: command.name(),
    about: command.summary(),
    args: command.registeredArguments.map((argument) => argument.name()).join(' '),
    options: command.options.map((option) => ({
      flag: option.long ?? option.flags,
      about: option.description,
      value: /<(.+)>/.exec(option.flags)?.[1] ?? '',
      choices: option.argChoices ?? [],
    })),
    commands: command.commands.map(treeOf),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
