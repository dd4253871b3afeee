// Starts the server of lib/server.mjs and talks to it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * `url`: where clients find it. `set(settings)` changes how it answers and forgets its calls (`forget: true`: its batches
 * too); `seen()` tells its settings, calls and batches.
 */
export async function startReplay(settings = {}) {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ url }] = await once(child, 'message')
  const control = async (init) => (await fetch(`${url}/_bench`, init)).json()
  const set = (given) => control({ method: 'POST', body: JSON.stringify(given) })
  await set(settings)
  return { url, set, seen: () => control(), stop: () => child.disconnect() }
}
