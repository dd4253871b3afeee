// Where in the sources an error was thrown. The program is a bundle; a stack that names its chunks helps nobody.

import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** `file:///home/me/node_modules/batchwright/dist/chunk-ABCD.js:12:34` */
const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g

/** The error's stack; each place in a file that has a source map beside it is given as a place in the sources. */
export function sourceStack(error: Error): string {
  const maps = new Map<string, SourceMap | undefined>()
  return (error.stack ?? error.message).replace(PLACE, (place, url: string, line: string, column: string) => {
    const path = fileURLToPath(url)
    if (!maps.has(path)) maps.set(path, mapOf(path))
    const entry = maps.get(path)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (entry === undefined || !('originalSource' in entry)) return place
    return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

/** undefined where there is none: then the places stay as they are. */
function mapOf(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0])
  } catch {
    return undefined
  }
}
