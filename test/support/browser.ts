/**
 * A real Chromium for tests: opened once, watched for whatever a hostile text could make it do. Debian's package is taken,
 * or whichever is on the path; nothing is downloaded.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** undefined: none is installed. */
export function browserPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @param path of a Chromium. CI runs as root, which its sandbox refuses. */
export function openBrowser(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] })
}

/** What a page must never do because of what somebody wrote into a row. */
export interface Misdeeds {
  readonly dialogs: string[]
  /** What the content security policy had to stop: an escape of ours let it through. */
  readonly violations: string[]
  readonly errors: string[]
  /** Addresses beyond the page's own server. */
  readonly strangers: string[]
}

/** @param origin what the page may ask: `http://127.0.0.1:8080`, `file://` */
export async function watched(page: Page, origin: string): Promise<Misdeeds> {
  const seen: Misdeeds = { dialogs: [], violations: [], errors: [], strangers: [] }
  page.on('dialog', async (dialog) => {
    seen.dialogs.push(dialog.message())
    await dialog.dismiss()
  })
  page.on('pageerror', (error) => void seen.errors.push(error.message))
  page.on('request', (request) => {
    const url = request.url()
    // The viewer of documents is the browser's own.
    if (!url.startsWith(origin) && !/^(chrome-extension|chrome|blob|data|about):/.test(url)) seen.strangers.push(url)
  })
  await page.exposeFunction('tellViolation', (what: string) => void seen.violations.push(what))
  await page.addInitScript(`addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    tellViolation([violatedDirective, blockedURI, sample].join(' ')))`)
  return seen
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const THEMES = ['light', 'dark'] as const

/** Serious and critical faults that axe finds, in both themes: `dark: color-contrast: <a …>`. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  await page.evaluate(AXE)
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme })
    const found = await page.evaluate<string[]>(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`,
    )
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`))
  }
  return faults
}

/** Of the repository, and ignored by git. */
export const SCREENSHOTS = join(import.meta.dirname, '../../out/screenshots')
/** About 80 and 120 columns of text. */
const WIDTHS = [720, 1080] as const
const HEIGHT = 1400

/** Keeps pictures of the page in both widths and both themes; answers the widths at which it has to be scrolled sideways. */
export async function photographed(page: Page, name: string): Promise<number[]> {
  await mkdir(SCREENSHOTS, { recursive: true })
  const tooWide = new Set<number>()
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    // A resized page is laid out anew in its own time.
    const isNarrow = page.waitForFunction('document.documentElement.scrollWidth <= innerWidth', null, { timeout: 2000 })
    await isNarrow.catch(() => tooWide.add(width))
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`) })
    }
  }
  return [...tooWide]
}
