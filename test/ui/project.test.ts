// The report and the page over a real run of a real project, through the command line.

import { mkdir, rename, symlink, unlink, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/cli.ts'
import { type Pages, servePages } from './pages.ts'

describe('a finished run', () => {
  let project: Project
  let pages: Pages
  let cookie: string
  let origin: string
  let run: string
  const ask = (path: string): Promise<Response> => fetch(`${origin}${path}`, { headers: { cookie } })

  beforeAll(async () => {
    project = await createProject({ examples: true })
    const ran = await project.run(['run', 'jobs/summarize-pdfs.yaml', '--local', '--json', '--quiet'])
    run = JSON.parse(ran.stdout).run_id
    pages = await servePages(project)
    origin = pages.origin
    cookie = ((await fetch(pages.url)).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }, 60_000)
  afterAll(async () => {
    await pages.stop()
    await project.remove()
  })

  it('is reported in one file, where it was asked for or in out/', async () => {
    const named = await project.run(['report', '--out', 'pages/mine.html', '--json'])
    expect([named.code, JSON.parse(named.stdout)]).toEqual([0, { path: project.path('pages/mine.html') }])
    const text = await project.read('pages/mine.html')
    expect(text.match(/<tr data-status="succeeded">/g)).toHaveLength(8)
    expect(text).toContain('harbour-news-ja')
    const unnamed = await project.run(['report', run])
    expect([unnamed.code, unnamed.stdout]).toEqual([0, ''])
    expect(await project.read(`out/report-${run}.html`)).toContain('</html>')
    const other = await project.run(['report', 'no-such-run'])
    expect([other.code, other.stdout]).toEqual([2, ''])
  })

  it('is listed, and shown with its batches', async () => {
    expect(await (await ask('/')).text()).toContain(`href="/runs/${run}"`)
    const shown = await (await ask(`/runs/${run}`)).text()
    expect(shown).toContain('<b>8</b><span>rows</span>')
    expect(shown).toMatch(/msgbatch_\w+/)
    for (const name of ['nobody', '..%2f..%2fetc', '%00', 'a'.repeat(300)])
      expect([name, (await ask(`/runs/${name}`)).status]).toEqual([name, 404])
  })

  it('is filtered alike before and after its lines are kept', async () => {
    const keysOf = async (query: string): Promise<string[]> => {
      const text = await (await ask(`/runs/${run}/outcomes?${query}`)).text()
      return [...text.matchAll(/<bdi>(.*?)<\/bdi>/g)].map((match) => match[1] ?? '')
    }
    for (const _ of [1, 2]) {
      expect(await keysOf('')).toHaveLength(8)
      expect(await keysOf('q=KESTREL')).toEqual(['invoice-kestrel'])
      expect(await keysOf('from=6')).toEqual(['salt-museum-leaflet', 'weather-station-manual'])
      expect(await keysOf('status=errored')).toEqual([])
      expect(await keysOf('status=succeeded&q=no+such+words')).toEqual([])
      await until(async () => (await readable(`.batchwright/runs/${run}/index/0000.1.v1.rows`)) !== '')
    }
  })

  it('shows a row beside its document', async () => {
    const text = await (await ask(`/runs/${run}/row?batch=0&key=invoice-kestrel`)).text()
    expect(text).toContain('bytes of jobs/data/invoice-kestrel.pdf')
    const source = /<embed src="([^"#]*)/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const document = await ask(source)
    expect(document.headers.get('content-type')).toBe('application/pdf')
    expect((await document.text()).slice(0, 5)).toBe('%PDF-')
    expect((await ask(`/runs/${run}/row?key=annual-report`)).status).toBe(200)
    expect((await ask(`/runs/${run}/row?batch=0&key=nobody`)).status).toBe(404)
    expect((await ask(`/runs/${run}/row?batch=7&key=annual-report`)).status).toBe(404)
    for (const query of ['batch=0&key=nobody&at=0', 'batch=0&key=annual-report&at=9', 'batch=9&key=annual-report&at=0'])
      expect([query, (await ask(`/runs/${run}/document?${query}`)).status]).toEqual([query, 404])
  })

  it('does not show a document that a link has moved outside the project, or that has changed', async () => {
    const outside = await createProject()
    try {
      await outside.write('secret.pdf', '%PDF-1.4 secret')
      const place = project.path('jobs/data/letter-quillan-rock.pdf')
      const address = `/runs/${run}/document?batch=0&key=letter-quillan-rock&at=0`
      const row = `/runs/${run}/row?batch=0&key=letter-quillan-rock`
      await mkdir(project.path('aside'))
      await rename(place, project.path('aside/kept.pdf'))
      expect([(await ask(address)).status, await (await ask(row)).text()]).toEqual([
        404,
        expect.stringContaining('ENOENT'),
      ])
      await symlink(outside.path('secret.pdf'), place)
      expect([(await ask(address)).status, await (await ask(row)).text()]).toEqual([
        404,
        expect.stringContaining('outside the project'),
      ])
      await unlink(place)
      await writeFile(place, '%PDF-1.4 another')
      expect(await (await ask(row)).text()).toContain('It has changed since it was planned')
    } finally {
      await outside.remove()
    }
  })

  it('says which port is taken', async () => {
    const taken = await project.run(['ui', '--port', new URL(origin).port])
    expect(taken.code).toBe(2)
    expect(taken.stderr).toContain('is taken by another program')
  })

  async function readable(name: string): Promise<string> {
    return project.read(name).catch(() => '')
  }
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('It did not come about within five seconds.')
}
