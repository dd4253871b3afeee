// Compiles the schema of a job, and that of schemas, to plain functions: a sound job is then checked without ajv.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import addFormats from 'ajv-formats'
import { build } from 'esbuild'

const METASCHEMA = 'https://json-schema.org/draft/2020-12/schema'

/** Stands in for core/compiled-schemas.ts in the bundle. The functions are many kilobytes: read when first asked for. */
export const COMPILED_CHECK = `export const compiledCheck = (schema) => require('./compiled-schemas.cjs').get(schema)`

/** Writes the functions into compiled-schemas.cjs in `folder`. `modules`: the folder of the compiled sources. */
export async function writeCompiledSchemas(modules, folder) {
  const load = (path) => import(pathToFileURL(join(modules, path)).href)
  const [{ catalog }, { jobSchema }, { canonicalJson }, { AJV_OPTIONS }] = await Promise.all(
    ['catalog.js', 'job/schema.js', 'core/json.js', 'core/json-schema.js'].map(load),
  )
  // They answer yes or no at the first thing that is wrong: short code, which V8 reads fast.
  const code = { ...AJV_OPTIONS.code, source: true }
  const ajv = new Ajv2020({ ...AJV_OPTIONS, allErrors: false, verbose: false, messages: false, code })
  addFormats.default(ajv)
  const schema = jobSchema(catalog)
  ajv.addSchema(schema, 'job')
  const functions = withoutReports(standalone.default(ajv, { job: 'job', metaschema: METASCHEMA }))
  const names = `[[${JSON.stringify(canonicalJson(schema))}, exports.job], ['${METASCHEMA}', exports.metaschema]]`
  await build({
    stdin: { contents: `${functions}\nmodule.exports = new Map(${names})`, resolveDir: import.meta.dirname },
    outfile: join(folder, 'compiled-schemas.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    minify: true,
    logLevel: 'warning',
  })
}

/** Nobody reads what the errors say: half of the code makes it. */
function withoutReports(functions) {
  return functions.replace(/\{instancePath:[^{}]*params:\{(?:[^{}]|\{[^{}]*\})*\}\}/g, '{}')
}
