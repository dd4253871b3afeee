// Bundles the command line and the library into few files: looking up five hundred takes longer than running them.
// Both share their chunks, so that a sink which imports `batchwright` meets the same classes as the program that loads it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { COMPILED_CHECK, writeCompiledSchemas } from './compiled-schemas.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const PROGRAMS = {
  cli: 'src/cli.ts',
  index: 'src/index.ts',
  program: 'src/cli/program.ts',
  'pdf-worker': 'src/prompt/pdf-worker.ts',
  'module-child': 'src/tool/module-child.ts',
}

/** Large, with binaries, or not always installed: loaded from node_modules by those who use them. */
const OUTSIDE = [
  '@anthropic-ai/sdk',
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
const require = createRequireHere(import.meta.url)`

/** Two modules are other ones in the bundle. */
const SUBSTITUTES = {
  name: 'substitutes',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/core\/compiled-schemas\.ts$/ }, () => ({ contents: COMPILED_CHECK, loader: 'js' }))
    // Without a `require` of its own the packages it asks for are bundled, and still run only when they are asked for.
    onLoad({ filter: /\/src\/core\/ajv\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/^(import|const).*createRequire.*$/gm, ''),
      loader: 'ts',
    }))
  },
}

/** Writes the bundle into `folder`; answers which file holds what, as esbuild's metafile tells it. */
export async function bundle(modules, folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: [...OUTSIDE, './compiled-schemas.cjs'],
    banner: { js: REQUIRE },
    // Names and lines stay as they are, for profiles and stack traces; the maps lead back to src/.
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [SUBSTITUTES],
  })
  await writeCompiledSchemas(modules, folder)
  return metafile
}
