// The names of a results line that say what it is.

/** The objects of a line that are looked into, and the names in them that decide what the line is. */
const NAMES = {
  line: ['custom_id', 'result'],
  result: ['type', 'message'],
  message: ['content', 'model', 'stop_reason', 'stop_details', 'usage'],
  block: ['type', 'text', 'citations'],
  usage: [
    'input_tokens',
    'output_tokens',
    'cache_read_input_tokens',
    'cache_creation_input_tokens',
    'cache_creation',
    'server_tool_use',
    'service_tier',
    'inference_geo',
  ],
  cache: ['ephemeral_1h_input_tokens'],
  other: [],
} as const
export type Place = keyof typeof NAMES
export type Name = Exclude<(typeof NAMES)[Place], readonly []>[number]

export interface KnownName {
  readonly name: Name
  readonly bytes: Buffer
  /** One bit, another for each name of an object. */
  readonly bit: number
}

const KNOWN = Object.fromEntries(
  Object.entries(NAMES).map(([place, names]) => [
    place,
    names.map((name, at) => ({ name, bytes: Buffer.from(name), bit: 1 << at })),
  ]),
) as unknown as Record<Place, readonly KnownName[]>

/** undefined: a name that decides nothing. */
export function knownName(place: Place, bytes: Buffer, from: number, to: number): KnownName | undefined {
  return KNOWN[place].find(({ bytes: known }) => known.length === to - from && equals(bytes, from, known))
}

/** Whether this word stands here. */
export function equals(bytes: Buffer, from: number, word: Buffer): boolean {
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}
