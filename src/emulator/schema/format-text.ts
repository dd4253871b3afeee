// A text of each format that schemas name.

/** `choose` draws a whole number below its argument. Undefined: the format is not known, and any text will do. */
export function textForFormat(format: string, choose: (count: number) => number): string | undefined {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = () => `20${two(10 + choose(20))}-${two(1 + choose(12))}-${two(1 + choose(28))}`
  const time = () => `${two(choose(24))}:${two(choose(60))}:${two(choose(60))}`
  const hex = (digits: number) => Array.from({ length: digits }, () => choose(16).toString(16)).join('')
  const name = () => NAMES[choose(NAMES.length)] ?? 'sample'
  switch (format) {
    case 'date':
      return day()
    case 'date-time':
    case 'iso-date-time':
      return `${day()}T${time()}Z`
    case 'time':
    case 'iso-time':
      return `${time()}Z`
    case 'duration':
      return `P${1 + choose(30)}D`
    case 'email':
    case 'idn-email':
      return `${name()}@example.com`
    case 'hostname':
    case 'idn-hostname':
      return `${name()}.example.com`
    case 'ipv4':
      return `192.0.2.${1 + choose(254)}`
    case 'ipv6':
      return `2001:db8::${1 + choose(9)}`
    case 'uri':
    case 'iri':
    case 'url':
      return `https://example.com/${name()}`
    case 'uri-reference':
    case 'iri-reference':
      return `/${name()}`
    case 'uri-template':
      return `https://example.com/{${name()}}`
    case 'uuid':
      return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`
    case 'json-pointer':
      return `/${name()}`
    case 'relative-json-pointer':
      return `0/${name()}`
    case 'json-pointer-uri-fragment':
      return `#/${name()}`
    case 'regex':
      return `^${name()}$`
    case 'byte':
      return Buffer.from(name()).toString('base64')
    default:
      return undefined
  }
}

const NAMES = ['alder', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine', 'rowan', 'willow']
