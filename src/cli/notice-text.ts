// What happened to a run, as a sentence.

import type { Notice, RunView } from '../app.ts'
import { bytes, count, counted, duration, oneLine } from './print.ts'

/** @param view how the run stands, where that is known: it tells how many batches there are and since when one is out */
export function noticeText(notice: Notice, view: RunView | undefined, now: number): string {
  switch (notice.type) {
    case 'submitting':
      return `Submitting ${batchName(notice.index, view)}: ${counted(notice.requests, 'request')}, ${bytes(notice.bytes)}.`
    case 'submitted':
      return `${upper(batchName(notice.index, view))} is at the provider as ${oneLine(notice.text)}.`
    case 'adopted':
      return `${upper(batchName(notice.index, view))} had reached the provider after all, as ${oneLine(notice.text)}.`
    case 'ended': {
      const since = view?.states[notice.index]?.remote?.createdAt
      const after = since === undefined ? '' : ` after ${duration(now - since)}`
      return `${upper(batchName(notice.index, view))} has ended${after}.`
    }
    case 'done': {
      const { answered, succeeded, again, attempt } = notice
      const more = again === 0 ? '' : `, ${count(again)} asked again (attempt ${attempt})`
      return `${upper(batchName(notice.index, view))} is collected: ${count(succeeded)} of ${counted(answered, 'row')} succeeded${more}.`
    }
    case 'warning':
      return `Warning: ${about(notice)}${oneLine(notice.text)}`
    case 'note':
      return `${about(notice)}${oneLine(notice.text)}`
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

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
