// What a $ref inside a schema points to.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/** Undefined: it points outside the schema, or to nothing. */
export function resolveRef(root: JsonObject, ref: string): Json | undefined {
  const id = typeof root.$id === 'string' ? root.$id.replace(/#$/, '') : ''
  const local = ref.startsWith('#') ? ref : id !== '' && ref.startsWith(`${id}#`) ? ref.slice(id.length) : undefined
  if (local === undefined) return find(root, (schema) => schema.$id === ref)
  if (local === '#') return root
  if (!local.startsWith('#/')) {
    return find(root, (schema) => schema.$anchor === local.slice(1) || schema.$dynamicAnchor === local.slice(1))
  }
  let at: Json | undefined = root
  for (const step of local.slice(2).split('/')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = (at as readonly Json[])[Number(name)]
    else at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}

function find(schema: Json, isWanted: (schema: JsonObject) => boolean, depth = 0): Json | undefined {
  if (depth > 50 || typeof schema !== 'object' || schema === null) return undefined
  if (isJsonObject(schema) && isWanted(schema)) return schema
  for (const member of Object.values(schema)) {
    const found = find(member as Json, isWanted, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
