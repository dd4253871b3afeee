/** A tool's function: its input is checked before it is called, and what it returns goes back to the model. */
export function position({ ship }) {
  return { ship, latitude: 57.1, longitude: -6.3 }
}
