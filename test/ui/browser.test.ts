// The local page and the report in a real Chromium: clicked through, looked at in both themes, and filled with what
// somebody may write who wishes the reader harm.

import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accessibilityFaults,
  browserPath,
  type Misdeeds,
  openBrowser,
  photographed,
  SCREENSHOTS,
  watched,
} from '../support/browser.ts'
import { createProject, type Project } from '../support/cli.ts'
import { makeRuns, type Pages, servePages } from './pages.ts'

const browser = browserPath()
if (browser === undefined) {
  console.info('No Chromium is installed, so the pages are not opened in one. On Debian: apt-get install chromium')
}

const NO_MISDEEDS: Misdeeds = { dialogs: [], violations: [], errors: [], strangers: [] }

describe.skipIf(browser === undefined)('in a browser', () => {
  let project: Project
  let pages: Pages
  let chromium: Browser
  let context: BrowserContext
  let page: Page
  let seen: Misdeeds

  beforeAll(async () => {
    const opening = openBrowser(browser as string)
    project = await createProject()
    await makeRuns(project)
    pages = await servePages(project)
    chromium = await opening
    context = await chromium.newContext()
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    seen = await watched(page, pages.origin)
    await page.goto(pages.url)
  })
  afterAll(async () => {
    console.info(`Pictures of the pages are in ${SCREENSHOTS}`)
    await chromium.close()
    await pages.stop()
    await project.remove()
  })

  describe('the local page', () => {
    it('lists the runs, and takes its token out of the address', async () => {
      expect(new URL(page.url()).search).toBe('')
      expect(await page.getByRole('row').count()).toBe(3)
      await isSound('runs')
    })

    it('shows a run, from which each status leads to its rows', async () => {
      await page.getByRole('link', { name: /^ferries-/ }).click()
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('ferries')
      expect(await page.getByRole('row').count()).toBeGreaterThan(3)
      await isSound('run')
      await page.getByRole('link', { name: 'refused' }).click()
      expect(await keys()).toEqual(['ferry-007', 'ferry-017'])
      await page.getByRole('link', { name: /^ferries-/ }).click()
      await page.getByRole('link', { name: 'all outcomes' }).click()
    })

    it('turns pages of fifty rows, there and back', async () => {
      expect((await keys()).length).toBe(50)
      await isSound('outcomes')
      await page.getByRole('link', { name: 'next' }).first().click()
      await page.getByRole('link', { name: 'next' }).first().click()
      expect(await keys()).toEqual(['ferry-100', 'ferry-101', 'ferry-102', 'ferry-103', 'ferry-104'])
      expect(await page.getByRole('link', { name: 'next' }).count()).toBe(0)
      await page.getByRole('link', { name: 'previous' }).first().click()
      expect((await keys())[0]).toBe('ferry-050')
    })

    it('is searched by text and status with the keyboard alone', async () => {
      await page.reload()
      await tabTo('q')
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
      await page.keyboard.type('FERRY-01')
      await page.keyboard.press('Enter')
      await page.waitForURL(/q=FERRY-01/)
      expect((await keys()).length).toBe(10)
      await tabTo('status')
      await page.keyboard.type('refused')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.waitForURL(/status=refused/)
      expect(await keys()).toEqual(['ferry-017'])
      await page.getByLabel('Text').fill('no such words')
      await page.getByRole('button', { name: 'Search' }).click()
      expect(await page.getByText('No row fits.').count()).toBe(1)
    })

    it('shows a row with its rounds beside its document', async () => {
      await open('/')
      await page.getByRole('link', { name: /^hostile-/ }).click()
      await page.getByRole('link', { name: 'all outcomes' }).click()
      const document = page.waitForResponse((response) => response.url().includes('/document?'))
      await page.getByRole('link', { name: 'paper' }).click()
      expect((await document).headers()['content-type']).toBe('application/pdf')
      expect(await page.getByRole('heading', { name: /^Attempt 1/ }).count()).toBe(1)
      const { width, height } = (await page.locator('embed').boundingBox()) ?? { width: 0, height: 0 }
      expect(Math.min(width, height)).toBeGreaterThan(300)
      await page.getByText('request as sent, documents left out').press('Enter')
      expect(await page.locator('details[open]').count()).toBe(1)
      await isSound('row')
    })

    it('runs nothing that stands in a row, an answer or a file’s name', async () => {
      await open('/')
      await page.getByRole('link', { name: /^hostile-/ }).click()
      await page.getByRole('link', { name: 'all outcomes' }).click()
      expect(await photographed(page, 'hostile-outcomes')).toEqual([])
      const links = await page.locator('td.key a').all()
      const addresses = await Promise.all(links.map((link) => link.getAttribute('href')))
      expect(addresses).toHaveLength(3)
      for (const address of addresses.reverse()) await open(address ?? '')
      await isSound('hostile-row')
      expect(await page.evaluate('document.title')).not.toBe('run')
      expect(seen).toEqual(NO_MISDEEDS)
      // And this could fail: what is let through is seen, and stopped.
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="alert(1)">')`)
      await expect.poll(() => seen.violations.length).toBeGreaterThan(0)
      expect(seen.dialogs).toEqual([])
    })
  })

  describe('the report', () => {
    it('is searched as one types, and needs nothing but itself', async () => {
      const report = await openReport('ferries')
      expect(await report.page.getByRole('heading', { level: 2 }).count()).toBe(9)
      await report.page.getByLabel('Search').fill('FERRY-01')
      expect(await report.page.locator('#n').textContent()).toBe('10 of 105 rows')
      await report.page.getByLabel('Status', { exact: true }).selectOption('refused')
      expect(await report.page.locator('#rows > tr:visible').count()).toBe(1)
      await isSound('report', report.page)
      expect(report.seen).toEqual(NO_MISDEEDS)
      await report.page.close()
    })

    it('prints black on white, without its search', async () => {
      const report = await openReport('ferries')
      await report.page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await report.page.getByLabel('Search').isVisible()).toBe(false)
      expect(await report.page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)')
      expect((await report.page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000)
      await report.page.close()
    })

    it('runs nothing that stands in a row, even where markup gets past our escapes', async () => {
      const report = await openReport('hostile')
      expect(await photographed(report.page, 'hostile-report')).toEqual([])
      expect(report.seen).toEqual(NO_MISDEEDS)
      const path = project.path('out/hostile.html')
      const text = await readFile(path, 'utf8')
      const broken = text.replace('<tbody id="rows">', '<tbody id="rows"><script>document.title="run"</script>')
      await project.write('out/hostile.html', broken)
      await report.page.reload()
      expect(await report.page.title()).not.toBe('run')
      expect(report.seen.violations).toHaveLength(1)
      // Without the policy it would have run.
      await project.write('out/hostile.html', broken.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''))
      await report.page.reload()
      expect(await report.page.title()).toBe('run')
      await report.page.close()
    })

    async function openReport(run: string): Promise<{ page: Page; seen: Misdeeds }> {
      const path = project.path(`out/${run}.html`)
      await project.run(['report', run, '--out', path])
      const own = await context.newPage()
      const misdeeds = await watched(own, 'file://')
      await own.goto(pathToFileURL(path).href)
      return { page: own, seen: misdeeds }
    }
  })

  describe('the local page, left open', () => {
    it('keeps up with what happens, without being loaded again', async () => {
      await page.clock.install()
      await open('/')
      await page.evaluate('document.title = "still the same"')
      expect(await page.getByRole('row').count()).toBe(3)
      expect((await project.run(['run', 'ferries.yaml', '--local', '--limit', '2'])).code).toBe(0)
      await page.clock.fastForward(10_000)
      await expect.poll(() => page.getByRole('row').count(), { timeout: 10_000 }).toBe(4)
      expect(await page.title()).toBe('still the same')
      await page.clock.resume()
    })
  })

  /** No serious fault in either theme, and nothing that has to be scrolled sideways; pictures are kept. */
  async function isSound(name: string, looked: Page = page): Promise<void> {
    expect(await accessibilityFaults(looked), name).toEqual([])
    expect(await photographed(looked, name), name).toEqual([])
  }

  async function open(path: string): Promise<void> {
    await page.goto(`${pages.origin}${path}`)
  }

  function keys(): Promise<string[]> {
    return page.locator('td.key a').allTextContents()
  }

  /** Presses Tab until the element has the focus: it can be reached without a mouse. */
  async function tabTo(id: string): Promise<void> {
    for (let presses = 0; presses < 20; presses += 1) {
      if ((await page.evaluate('document.activeElement?.id')) === id) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Twenty presses of Tab do not reach #${id}.`)
  }
})
