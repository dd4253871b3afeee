/** `${NAME}` and `${NAME:-default}` in texts. */

export type Env = Readonly<Record<string, string | undefined>>

/** `$${` stands for a plain `${`. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

export interface FilledText {
  readonly text: string
  /** Names that are not set and have no default; in the text they stand as they were. */
  readonly missing: readonly string[]
}

export function namesEnv(text: string): boolean {
  return text.search(REFERENCE) >= 0
}

/** Replaces what the environment has; a default also stands in for a variable that is set to nothing. */
export function fillEnv(text: string, env: Env): FilledText {
  const missing: string[] = []
  const filled = text.replace(REFERENCE, (whole, name: string | undefined, fallback: string | undefined) => {
    if (name === undefined) return '${'
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value !== undefined) return value
    missing.push(name)
    return whole
  })
  return { text: filled, missing }
}
