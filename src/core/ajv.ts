/** The one door to ajv, loaded when a schema has to be compiled: that is a hundred files, and `validate` needs none of them. */

import { createRequire } from 'node:module'
import type { Ajv } from 'ajv'

export type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv'

// The bundle leaves this line out: there `require` is the bundler's, which still runs a package only when it is asked for.
const require = createRequire(import.meta.url)

/** ajv for each family of drafts, and the formats they know. */
export interface AjvPackage {
  /** Draft 6 and 7. */
  readonly Ajv: typeof import('ajv').Ajv
  readonly Ajv2019: typeof import('ajv/dist/2019.js').Ajv2019
  readonly Ajv2020: typeof import('ajv/dist/2020.js').Ajv2020
  addFormats(ajv: Ajv): void
}

export function loadAjv(): AjvPackage {
  return {
    get Ajv() {
      return (require('ajv') as Pick<AjvPackage, 'Ajv'>).Ajv
    },
    get Ajv2019() {
      return (require('ajv/dist/2019.js') as Pick<AjvPackage, 'Ajv2019'>).Ajv2019
    },
    get Ajv2020() {
      return (require('ajv/dist/2020.js') as Pick<AjvPackage, 'Ajv2020'>).Ajv2020
    },
    addFormats: (ajv) => (require('ajv-formats') as { default: (ajv: Ajv) => void }).default(ajv),
  }
}
