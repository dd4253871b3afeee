import { defineSource } from 'batchwright'

/** Reviews page by page, as from an API; here the pages are made up. */
export default defineSource(async function* ({ signal }) {
  for (let page = 1; page <= 2; page++) {
    signal.throwIfAborted()
    yield { id: `p${page}-1`, page, text: 'Boils fast, and the lid stays cool.' }
    yield { id: `p${page}-2`, page, text: 'Leaks at the spout.' }
  }
})
