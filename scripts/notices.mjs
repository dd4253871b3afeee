// The licences of the packages that are part of the bundle, in one text.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** `metafiles` are esbuild's. Throws where a package comes without a licence that could be kept. */
export function notices(metafiles) {
  const folders = new Set()
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs))
  for (const path of outputs.flatMap(({ inputs }) => Object.keys(inputs))) {
    const [folder] = PACKAGE.exec(path) ?? []
    if (folder !== undefined) folders.add(folder)
  }
  const texts = [...folders].sort().map(noticeOf)
  return `batchwright contains the following packages.\n\n${texts.join('\n\n')}\n`
}

function noticeOf(folder) {
  const at = join(root, folder)
  const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
  const file = readdirSync(at).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined && license === undefined) throw new Error(`${name} ${version} says nothing of its licence.`)
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(at, file), 'utf8').trim()
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}`
}
