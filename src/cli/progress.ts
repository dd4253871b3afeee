// What a person sees while a run goes on: one plain line for each change.

import type { Notice } from '../app.ts'
import type { Io } from './io.ts'
import { harmless } from './print.ts'
import type { Flags } from './program.ts'

const WORDS: Record<Notice['type'], string> = {
  submitting: 'submitting',
  submitted: 'submitted as',
  adopted: 'found again as',
  ended: 'has ended:',
  done: 'collected:',
  note: '',
  warning: 'warning:',
}

/** Prints notices to stderr; with --quiet nothing. */
export function progressPrinter(io: Io, flags: Flags): (notice: Notice) => void {
  if (flags.quiet === true) return () => undefined
  return (notice) => {
    const time = new Date(io.clock.now()).toISOString().slice(11, 19)
    const about =
      notice.index === undefined || notice.type === 'note' || notice.type === 'warning' ? '' : `batch ${notice.index} `
    const words = WORDS[notice.type]
    io.err(`${time}  ${about}${words}${words === '' ? '' : ' '}${harmless(notice.text)}\n`)
  }
}
