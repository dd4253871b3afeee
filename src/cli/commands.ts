// All commands, their options and examples. Each command's work is in a file of its own, loaded when it is called.

import { InvalidArgumentError, Option } from 'commander'
import type { Io } from './io.ts'
import type { Flags } from './program.ts'

export type Action = (io: Io, args: string[], flags: Flags) => Promise<number>

/** What there is to type, as the shells' completions need it. */
export interface CommandTree {
  readonly name: string
  readonly about: string
  /** `<job...>`, `[run-or-job]`: what the words behind it are. */
  readonly args: string
  readonly options: readonly {
    readonly flag: string
    readonly about: string
    /** `file`, `k=v`: what its value is; empty: it takes none. */
    readonly value: string
    readonly choices: readonly string[]
  }[]
  readonly commands: readonly CommandTree[]
}

export interface CommandSpec {
  /** `batches list [--limit]`: names may be nested with a space. */
  readonly name: string
  readonly args?: string
  readonly about: string
  readonly example: string
  /** The heading it stands under in the help. */
  readonly group: string
  readonly options: readonly Option[]
  readonly load: (program: CommandTree) => Promise<Action>
}

const JOBS = 'Jobs:'
const RUNS = 'Runs:'
const RESULTS = 'Results:'
export const WORLD = 'Provider and program:'

const root = new Option('--root <dir>', 'the project root (default: found above the job file)')
const store = new Option('--store <url>', 'where the state is kept, instead of the job’s `store`')
const local = new Option('--local', 'use the built-in emulator: no key, no cost, simulated answers')
const json = new Option('--json', 'print one JSON document on stdout')
const quiet = new Option('--quiet', 'print nothing on stderr but errors')
const verbose = new Option('--verbose', 'print more about what is done')
const vars = new Option('--var <k=v>', 'set a template variable of the job').argParser(collect)
const set = new Option('--set <path=value>', 'set a key of the job, such as batch.max_requests=500').argParser(collect)
const limit = new Option('--limit <n>', 'take only the first N rows').argParser(wholeNumber)
const noReuse = new Option('--no-reuse', 'ask every row, also those that an earlier run has answered')
const exact = new Option(
  '--exact',
  'let the provider count the tokens of every request, not only of a few; free, needs the key',
)
const ofJob = [root, store, local, vars, set, limit]
const rootHere = new Option('--root <dir>', 'the project root (default: found above this folder)')
const ofRun = [rootHere, store, new Option('--local', 'only runs of the built-in emulator')]
const ofProvider = [rootHere, store, new Option('--local', 'the batches of the built-in emulator')]

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    group: JOBS,
    args: '[dir]',
    about: 'write a small working project: a job, a template, a schema, sample data',
    example: 'batchwright init reviews',
    options: [quiet],
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'validate',
    group: JOBS,
    args: '<job...>',
    about: 'check jobs and print every error with its place; sends nothing',
    example: 'batchwright validate jobs/',
    options: [
      root,
      store,
      vars,
      set,
      new Option('--format <format>', 'how errors are printed').choices(['pretty', 'json', 'github']),
      json,
      quiet,
    ],
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    name: 'plan',
    group: JOBS,
    args: '<job>',
    about: 'dry run: rows, requests, batches, bytes, estimated tokens and cost',
    example: 'batchwright plan jobs/classify-tickets.yaml --show 1',
    options: [
      ...ofJob,
      noReuse,
      exact,
      new Option('--show <n>', 'print the first N rendered requests').argParser(wholeNumber),
      json,
      quiet,
      verbose,
    ],
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'try',
    group: JOBS,
    args: '<job>',
    about: 'send the first rows through the realtime API and print the answers, before a batch is paid for',
    example: 'batchwright try jobs/classify-tickets.yaml --limit 2',
    options: [...ofJob, json, quiet, verbose],
    load: async () => (await import('./try.ts')).tryJob,
  },
  {
    name: 'run',
    group: JOBS,
    args: '<job...>',
    about: 'plan, submit, wait, collect, deliver; continues the job’s unfinished run when its plan is unchanged',
    example: 'batchwright run jobs/summarize-pdfs.yaml --local',
    options: [
      ...ofJob,
      noReuse,
      exact,
      new Option('--new', 'start afresh even if a run of the job is unfinished'),
      new Option('--detach', 'exit once everything is submitted'),
      new Option('--yes', 'do not ask, whatever it may cost'),
      json,
      quiet,
      verbose,
    ],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'resume',
    group: RUNS,
    args: '[run-or-job]',
    about: 'continue an unfinished run (default: the latest) from its stored plan',
    example: 'batchwright resume summarize-pdfs',
    options: [
      ...ofRun,
      new Option('--adopt <index=id>', 'this batch of the provider is that batch of the run').argParser(collect),
      new Option('--resubmit <index>', 'that batch never reached the provider: send it again').argParser(collect),
      new Option('--detach', 'collect what has ended, submit what is due, and exit instead of waiting'),
      new Option('--max-usd <usd>', 'go on with this budget instead of the job’s').argParser(positive),
      json,
      quiet,
      verbose,
    ],
    load: async () => (await import('./resume.ts')).resume,
  },
  {
    name: 'status',
    group: RUNS,
    args: '[run-or-job]',
    about: 'how a run stands (default: the latest)',
    example: 'batchwright status --json',
    options: [...ofRun, new Option('--watch', 'show it again whenever it changes'), json, quiet],
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'runs',
    group: RUNS,
    about: 'all runs, newest first',
    example: 'batchwright runs',
    options: [...ofRun, json, quiet],
    load: async () => (await import('./runs.ts')).runs,
  },
  {
    name: 'show',
    group: RESULTS,
    args: '<run-or-job> <key>',
    about: 'one row: its rendered request, every round, the answer, usage and cost',
    example: 'batchwright show summarize-pdfs annual-report',
    options: [...ofRun, json, quiet],
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'cancel',
    group: RUNS,
    args: '[run-or-job]',
    about: 'cancel the provider’s batches of a run, then collect what they still answered',
    example: 'batchwright cancel summarize-pdfs',
    options: [...ofRun, json, quiet, verbose],
    load: async () => (await import('./cancel.ts')).cancel,
  },
  {
    name: 'retry',
    group: RUNS,
    args: '[run-or-job]',
    about: 'ask only the failed rows of a finished run again, as further attempts of the same run',
    example: 'batchwright retry summarize-pdfs',
    options: [...ofRun, json, quiet, verbose],
    load: async () => (await import('./retry.ts')).retry,
  },
  {
    name: 'export',
    group: RESULTS,
    args: '[run-or-job]',
    about: 'write outcomes to any sink from what is landed, also while a run goes on; calls no API',
    example: 'batchwright export summarize-pdfs --to out/failed.csv --select failed',
    options: [
      ...ofRun,
      new Option(
        '--to <path|url>',
        'a path whose ending names the sink (.jsonl .csv .tsv .json .parquet .db, "pages/{{key}}.md"), a postgres:// or https:// URL, or -',
      ).makeOptionMandatory(),
      new Option('--select <rows>', 'which rows').choices(['succeeded', 'failed', 'all']).default('succeeded'),
      quiet,
    ],
    load: async () => (await import('./export.ts')).exportRun,
  },
  {
    name: 'report',
    group: RESULTS,
    args: '[run-or-job]',
    about: 'one self-contained HTML page: totals, cost, charts, failures, outcomes',
    example: 'batchwright report summarize-pdfs',
    options: [
      ...ofRun,
      new Option('--out <file>', 'where to write it (default: out/report-RUN.html in the project)'),
      json,
      quiet,
    ],
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'ui',
    group: RESULTS,
    about: 'a local page: live runs, batches, outcomes side by side with their documents; changes nothing',
    example: 'batchwright ui',
    options: [
      ...ofRun,
      new Option('--port <n>', '0 picks a free port').argParser(wholeNumber).default(0),
      new Option('--host <host>', 'address to listen on').default('127.0.0.1'),
      json,
      quiet,
    ],
    load: async () => (await import('./ui.ts')).ui,
  },
  {
    name: 'prune',
    group: RUNS,
    about: 'remove old runs’ files, also those uploaded for them alone; never of a run with uncollected results',
    example: 'batchwright prune --older-than 30',
    options: [
      ...ofRun,
      new Option('--older-than <days>', 'only runs that finished so long ago').argParser(wholeNumber).default(30),
      new Option('--dry-run', 'only say what would be removed'),
      json,
      quiet,
    ],
    load: async () => (await import('./prune.ts')).prune,
  },
  {
    name: 'batches list',
    group: WORLD,
    about: 'the provider’s batches as they are, newest first',
    example: 'batchwright batches list --limit 20',
    options: [...ofProvider, new Option('--limit <n>', 'at most N').argParser(wholeNumber), json, quiet],
    load: async () => (await import('./batches.ts')).list,
  },
  {
    name: 'batches get',
    group: WORLD,
    args: '<id>',
    about: 'one batch as the provider describes it',
    example: 'batchwright batches get msgbatch_01Hk',
    options: [...ofProvider, json, quiet],
    load: async () => (await import('./batches.ts')).get,
  },
  {
    name: 'batches results',
    group: WORLD,
    args: '<id>',
    about: 'a batch’s results as the provider gives them, JSON lines',
    example: 'batchwright batches results msgbatch_01Hk > results.jsonl',
    options: [...ofProvider, quiet],
    load: async () => (await import('./batches.ts')).results,
  },
  {
    name: 'batches cancel',
    group: WORLD,
    args: '<id>',
    about: 'cancel one batch of the provider',
    example: 'batchwright batches cancel msgbatch_01Hk',
    options: [...ofProvider, json, quiet],
    load: async () => (await import('./batches.ts')).cancel,
  },
  {
    name: 'batches delete',
    group: WORLD,
    args: '<id>',
    about: 'delete one ended batch of the provider with its results',
    example: 'batchwright batches delete msgbatch_01Hk',
    options: [...ofProvider, json, quiet],
    load: async () => (await import('./batches.ts')).remove,
  },
  {
    name: 'emulator',
    group: WORLD,
    about: 'serve the local Message Batches API',
    example: 'batchwright emulator --port 8787 --answers echo',
    options: [
      new Option('--port <n>', '0 picks a free port').argParser(wholeNumber).default(8787),
      new Option('--host <host>', 'address to listen on').default('127.0.0.1'),
      new Option('--state <dir>', 'where it keeps what it knows').default('.batchwright/emulator'),
      new Option('--answers <mode>', 'extract, echo, fixture:FILE or upstream:URL').default('extract'),
      new Option('--batch-seconds <s>', 'how long a batch takes').argParser(positive).default(1),
      new Option('--order <order>', 'order of result lines').choices(['shuffled', 'input']).default('shuffled'),
      new Option('--faults <file>', 'misbehave as this list of faults says'),
      new Option('--seed <n>', 'seed of everything random').argParser(wholeNumber).default(0),
    ],
    load: async () => (await import('./emulator.ts')).emulator,
  },
  {
    name: 'schema',
    group: JOBS,
    about: 'print the JSON Schema of job files',
    example: 'batchwright schema > job.schema.json',
    options: [],
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completions',
    group: WORLD,
    args: '<shell>',
    about: 'print a script that completes commands, options and runs: bash, zsh or fish',
    example: 'source <(batchwright completions bash)',
    options: [],
    load: async (program) => (await import('./completions.ts')).completions(program),
  },
]

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number.`)
  return Number(text)
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new InvalidArgumentError(`"${text}" is not a positive number.`)
  return value
}
