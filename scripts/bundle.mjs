// Bundles the command line and the library into few files: looking up five hundred takes longer than running them.
// Both share their chunks, so that a sink which imports `batchwright` meets the same classes as the program that loads it.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { COMPILED_CHECK, writeCompiledSchemas } from './compiled-schemas.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const PROGRAMS = {
  cli: 'src/cli.ts',
  index: 'src/index.ts',
  program: 'src/cli/program.ts',
  'pdf-worker': 'src/prompt/pdf-worker.ts',
  'courier-worker': 'src/app/courier-worker.ts',
  'rows-worker': 'src/app/rows-worker.ts',
  'module-child': 'src/tool/module-child.ts',
}

/** Large, with binaries, or not always installed: loaded from node_modules by those who use them. */
const OUTSIDE = [
  '@duckdb/node-api',
  '@keyv/postgres',
  '@keyv/redis',
  'hyparquet',
  'hyparquet-compressors',
  'hyparquet-writer',
  'libsql',
  'pdf-lib',
  'pg',
  'unpdf',
]

/** Packages in CommonJS ask for modules of Node.js by `require`, which a module has to make for them. */
const REQUIRE = `import { createRequire as createRequireHere } from 'node:module'
let requireHere
const require = (name) => (requireHere ??= createRequireHere(import.meta.url))(name)`

/** Modules of Node.js that take milliseconds to load and that most commands never call. */
const SELDOM = /^(node:)?(http|https|net|tls|zlib|crypto|child_process)$/
/** Who uses more of them than functions, and is loaded late itself. */
const WHOLE = /\/(@hono\/node-server\/.*|src\/source\/parquet-unpack\.ts)$/

/** Two modules are other ones in the bundle, and no command loads all that `app.ts` names to have one thing of it. */
const SUBSTITUTES = {
  name: 'substitutes',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: SELDOM }, ({ path, importer }) =>
      WHOLE.test(importer) ? undefined : { path, namespace: 'seldom' },
    )
    onLoad({ filter: /./, namespace: 'seldom' }, ({ path }) => ({ contents: calledLate(path) }))
    // Handlebars goes without where it is not installed.
    onResolve({ filter: /^source-map$/ }, ({ path }) => ({ path, namespace: 'absent' }))
    onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {}' }))
    onLoad({ filter: /\/src\/core\/compiled-schemas\.ts$/ }, () => ({ contents: COMPILED_CHECK, loader: 'js' }))
    onLoad({ filter: /\/src\/core\/ajv\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/require\('ajv[^']*'\)/g, "require('./ajv.cjs')"),
      loader: 'ts',
    }))
    const app = readFile(`${root}src/app.ts`, 'utf8').then(exportsOf)
    onLoad({ filter: /\/src\/cli\/[^/]+\.ts$/ }, async ({ path }) => ({
      contents: past(await app, await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}

/** The functions of a module of Node.js, which is loaded by the first call. Its classes are left out. */
function calledLate(path) {
  const functions = Object.entries(createRequire(import.meta.url)(path)).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  )
  const lines = functions.map(([name, { [promisify.custom]: promised }]) =>
    [
      `export const ${name} = (...given) => load().${name}(...given)`,
      promised === undefined ? '' : `${name}[promised] = (...given) => load().${name}[promised](...given)`,
    ].join('\n'),
  )
  return `const load = () => process.getBuiltinModule('${path}')
const promised = Symbol.for('nodejs.util.promisify.custom')
${lines.join('\n')}`
}

/** Which module each name comes from: `export { openHere } from './app/open.ts'`. */
function exportsOf(text) {
  const all = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '\.(\/[^']+)'$/gm)]
  return new Map(all.flatMap(([, names, from]) => namesIn(names).map((name) => [name.replace(/^type /, ''), from])))
}

/** The text with every import from `app.ts` made from the modules that `app.ts` names; lines keep their numbers. */
function past(exports, text) {
  return text.replace(/^import \{([^}]*)\} from '\.\.\/app\.ts'$/gm, (whole, names) => {
    const imports = namesIn(names).map(
      (name) => `import { ${name} } from '..${exports.get(name.replace(/^type /, ''))}'`,
    )
    return imports.join(';') + '\n'.repeat(whole.split('\n').length - 1)
  })
}

function namesIn(list) {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** ajv by itself: of those who load a job, few need it. */
const AJV = `module.exports = {
  get Ajv() { return require('ajv').Ajv },
  get Ajv2019() { return require('ajv/dist/2019.js').Ajv2019 },
  get Ajv2020() { return require('ajv/dist/2020.js').Ajv2020 },
  get default() { return require('ajv-formats').default },
}`

/** Writes the bundle into `folder`; answers which packages they contain, as esbuild's metafiles tell it. */
export async function bundle(modules, folder) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    // Names and lines stay as they are, for profiles and stack traces; the maps lead back to src/.
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  }
  const { metafile } = await build({
    ...common,
    entryPoints: PROGRAMS,
    outdir: folder,
    splitting: true,
    format: 'esm',
    external: [...OUTSIDE, './compiled-schemas.cjs', './ajv.cjs'],
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [SUBSTITUTES],
  })
  const ajv = await build({
    ...common,
    stdin: { contents: AJV, resolveDir: root },
    outfile: join(folder, 'ajv.cjs'),
  })
  await writeCompiledSchemas(modules, folder)
  return [metafile, ajv.metafile]
}
