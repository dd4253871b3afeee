// What happens to a run, as sentences.

import type { Notice, RunView } from '../app.ts'
import { bytes, count, counted, duration, oneLine } from './print.ts'

/** A sentence; undefined: another one says it, so that a hundred batches make a log that can be read. */
export type Teller = (notice: Notice, view: RunView | undefined, now: number) => string | undefined

/**
 * `view` is how the run stands, where that is known: it tells how many batches there are and since when one is out.
 *
 * @param isVerbose says each step of a batch by itself
 */
export function createTeller(isVerbose: boolean): Teller {
  /** What was said to be on its way, and after how long it ended, by the batch's index. */
  const sizes = new Map<number, string>()
  const ends = new Map<number, string>()
  return (notice, view, now) => {
    switch (notice.type) {
      case 'note':
        return `${about(notice)}${oneLine(notice.text)}`
      case 'warning':
        return `Warning: ${about(notice)}${oneLine(notice.text)}`
      case 'submitting': {
        const attempt = view?.states[notice.index]?.attempt ?? 1
        const again = attempt === 1 ? '' : `, attempt ${attempt}`
        const size = `${counted(notice.requests, 'request')}, ${bytes(notice.bytes)}${again}`
        sizes.set(notice.index, size)
        return isVerbose ? `Submitting ${batchName(notice.index, view)}: ${size}.` : undefined
      }
      case 'submitted':
        return `${named(notice.index, view)} is at the provider as ${oneLine(notice.text)}${sizeOf(notice.index)}.`
      case 'adopted':
        return `${named(notice.index, view)} had reached the provider after all, as ${oneLine(notice.text)}${sizeOf(notice.index)}.`
      case 'ended': {
        const since = view?.states[notice.index]?.remote?.createdAt
        const ended = `has ended${since === undefined ? '' : ` after ${duration(now - since)}`}`
        ends.set(notice.index, ended)
        return isVerbose ? `${named(notice.index, view)} ${ended}.` : undefined
      }
      case 'done': {
        const { index, answered, succeeded, again, attempt } = notice
        const more = again === 0 ? '' : `, ${count(again)} asked again (attempt ${attempt})`
        const ended = isVerbose || !ends.has(index) ? '' : `${ends.get(index)} and `
        return `${named(index, view)} ${ended}is collected: ${count(succeeded)} of ${counted(answered, 'row')} succeeded${more}.`
      }
    }
  }

  function sizeOf(index: number): string {
    const size = sizes.get(index)
    return isVerbose || size === undefined ? '' : `: ${size}`
  }
}

function batchName(index: number, view: RunView | undefined): string {
  return view === undefined ? `batch ${index}` : `batch ${index} of ${count(view.states.length)}`
}

/** Which batch a note is about, unless it says so itself. */
function about({ index, text }: { readonly index?: number; readonly text: string }): string {
  if (index === undefined || new RegExp(`\\bbatch ${index}\\b`, 'i').test(text)) return ''
  return `Batch ${index}: `
}

/** At the beginning of a sentence. */
function named(index: number, view: RunView | undefined): string {
  const name = batchName(index, view)
  return name.charAt(0).toUpperCase() + name.slice(1)
}
