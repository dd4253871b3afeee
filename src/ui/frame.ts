// What every page has around it.

import { type Html, html } from '../report/html.ts'

export interface Page {
  readonly status: number
  readonly title: string
  /** The way here, from the top: names and addresses. */
  readonly crumbs: readonly (readonly [string, string])[]
  readonly content: Html
  /** Milliseconds after which the page looks again; null: it shows what will not change. */
  readonly every: number | null
}

export function frame({ title, crumbs, content, every }: Page): string {
  const way = crumbs.map(([name, address]) => html`<a href="${address}">${name}</a> › `)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title} · batchwright</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/style.css"><script src="/app.js" defer></script></head>
<body><header class="top"><nav class="crumbs" aria-label="Where you are">${way}<span class="quiet">${crumbs.length === 0 ? 'batchwright' : title}</span></nav></header>
<main><p class="note" id="gone" role="status" hidden>The server does not answer: it was stopped, or started again with another token.</p>
<div id="live"${every === null ? null : html` data-every="${every}"`}>${content}</div></main>
<footer>batchwright ui only shows: it changes nothing and sends nothing.</footer></body></html>
`.text
}

/** `/runs/RUN/…` with the parts that are given, each as an address wants it. */
export function address(
  run: string,
  page: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return `/runs/${encodeURIComponent(run)}${page === '' ? '' : `/${page}`}${search.size === 0 ? '' : `?${search}`}`
}
