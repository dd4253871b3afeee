// Two sinks that write to one place would tear each other's content apart; the second one is told so instead.

import { UserError } from '../core/errors.ts'

/** What the sinks of this process have open: absolute paths, `database table` pairs. */
const open = new Set<string>()

/** Takes a place until the answer is called (which may be done twice). Throws UserError when it is taken. */
export function claim(place: string, location: string): () => void {
  if (open.has(place)) {
    throw new UserError({
      message: `Two sinks write to ${location} at the same time.`,
      hint: 'Give each sink a path or table of its own; "select: all" receives every outcome in one.',
    })
  }
  open.add(place)
  let held = true
  return () => {
    if (held) open.delete(place)
    held = false
  }
}
