// Which page an address names.

import { STATUSES, type Status } from '../core/result.ts'
import type { Page } from './frame.ts'
import { outcomesPage } from './outcomes-page.ts'
import { rowPage } from './row-page.ts'
import { runPage } from './run-page.ts'
import { runsPage } from './runs-page.ts'
import type { DocumentBytes, OutcomeQuery, UiData } from './ui.ts'

const MAX_RUNS = 100
const PAGE_ROWS = 50
const MAX_TEXT = 200

/** undefined: there is nothing at that address. */
export async function route(data: UiData, url: URL, now: number): Promise<Page | DocumentBytes | undefined> {
  if (url.pathname === '/') {
    const { runs, total } = await data.runs(MAX_RUNS)
    return runsPage(runs, total)
  }
  const steps = url.pathname.split('/').slice(1)
  const [first, name, page = '', ...rest] = steps
  if (first !== 'runs' || name === undefined || rest.length > 0) return undefined
  const run = decoded(name)
  return run === undefined ? undefined : runRoute(data, run, page, url.searchParams, now)
}

async function runRoute(data: UiData, run: string, page: string, query: URLSearchParams, now: number) {
  const key = query.get('key')
  const batch = wholeNumber(query.get('batch'))
  switch (page) {
    case '': {
      const view = await data.run(run)
      return view === undefined ? undefined : runPage(view, now)
    }
    case 'outcomes': {
      const view = await data.run(run)
      if (view === undefined) return undefined
      const wanted = outcomeQuery(query)
      const found = await data.outcomes(run, wanted)
      return found === undefined ? undefined : outcomesPage(view, wanted, found)
    }
    case 'row': {
      const row = key === null ? undefined : await data.row(run, batch, key)
      return row === undefined ? undefined : rowPage(row)
    }
    case 'document': {
      const at = wholeNumber(query.get('at'))
      if (key === null || batch === undefined || at === undefined) return undefined
      return data.document(run, batch, key, at)
    }
    default:
      return undefined
  }
}

/** What makes no sense is left out, as if it had not been asked for. */
function outcomeQuery(query: URLSearchParams): OutcomeQuery {
  const status = STATUSES.find((each): each is Status => each === query.get('status'))
  const text = (query.get('q') ?? '').slice(0, MAX_TEXT)
  return {
    ...(status === undefined ? {} : { status }),
    ...(text === '' ? {} : { text }),
    from: wholeNumber(query.get('from')) ?? 0,
    limit: PAGE_ROWS,
  }
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}

function decoded(step: string): string | undefined {
  try {
    return decodeURIComponent(step)
  } catch {
    return undefined
  }
}
