/** The built program of a thread. Where sources run as they are (tests), it is used too: a thread cannot read TypeScript. */
export function threadFile(name: string): URL {
  const isSource = import.meta.url.endsWith('.ts')
  return new URL(`${isSource ? '../../dist' : '.'}/${name}.js`, import.meta.url)
}
