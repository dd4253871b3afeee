// The grammar of JSON numbers, a byte at a time.

/** Where a scanner stands inside a number. */
export const NUMBER_START = 0
const SIGN = 1
const ZERO = 2
const INTEGER = 3
const POINT = 4
const FRACTION = 5
const EXPONENT = 6
const EXPONENT_SIGN = 7
const EXPONENT_DIGITS = 8
/** By state: whether the number may end there. */
const MAY_END = [false, false, true, true, false, true, false, false, true]

/** The grammar of numbers; -1: the byte does not belong to it. */
export function nextInNumber(state: number, byte: number): number {
  const isDigit = byte >= 0x30 && byte <= 0x39
  switch (state) {
    case NUMBER_START:
    case SIGN:
      if (byte === 0x30) return ZERO
      if (isDigit) return INTEGER
      return byte === 0x2d && state === NUMBER_START ? SIGN : -1
    case ZERO:
    case INTEGER:
      if (isDigit) return state === INTEGER ? INTEGER : -1
      if (byte === 0x2e) return POINT
      return (byte | 0x20) === 0x65 ? EXPONENT : -1
    case POINT:
    case FRACTION:
      if (isDigit) return FRACTION
      return state === FRACTION && (byte | 0x20) === 0x65 ? EXPONENT : -1
    case EXPONENT:
      if (byte === 0x2b || byte === 0x2d) return EXPONENT_SIGN
      return isDigit ? EXPONENT_DIGITS : -1
    default:
      return isDigit ? EXPONENT_DIGITS : -1
  }
}

/** Whether the bytes so far are a whole number. */
export function isNumberComplete(state: number): boolean {
  return MAY_END[state] === true
}
