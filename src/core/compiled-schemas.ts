/**
 * The function that a schema was compiled to when the package was built, by the schema's canonical text or the URI of a
 * metaschema. Here there is none: scripts/compiled-schemas.mjs writes the module that stands in for this one in the
 * bundle. ajv takes twice as long for the schema of a job as Node.js takes to start.
 *
 * Such a function only says whether a value fits; what is wrong with one that does not is for ajv to say.
 */
export function compiledCheck(_schema: string): ((value: unknown) => boolean) | undefined {
  return undefined
}
