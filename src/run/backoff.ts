import type { Pace } from './ports.ts'

/** The pause after so many refusals in a row: doubling, capped, with up to a quarter taken off so that processes spread. */
export function backoffMs(
  refusals: number,
  pace: Pick<Pace, 'backoffMinMs' | 'backoffMaxMs'>,
  random: () => number,
): number {
  const full = Math.min(pace.backoffMaxMs, pace.backoffMinMs * 2 ** Math.min(refusals, 20))
  return Math.round(full * (1 - random() / 4))
}
