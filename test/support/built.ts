// The library as its users import it: what was built. A test that transforms the sources instead takes seconds longer.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const file = join(import.meta.dirname, '../../dist/index.js')

export const {
  exportRun,
  loadJob,
  planRun,
  resumeRun,
  sinkContract,
  sourceContract,
  startEmulator,
  startRun,
  UserError,
} = (await import(pathToFileURL(file).href)) as typeof import('../../src/index.ts')
