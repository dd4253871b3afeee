// The limit of landing and delivery: their bytes moved and made durable, and not one of them looked at.
// node moved-bytes.mjs FOLDER OUT_BYTES URL… — each URL's body to a file, then from these files so many bytes to one file.
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'

const PIECE = 1 << 20
const [folder, outBytes, ...urls] = process.argv.slice(2)
/** One is filled while the other is written. */
const pieces = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]

async function land(url, path) {
  const [response] = await once(get(url), 'response')
  const file = await open(path, 'w')
  let bytes = 0
  let used = 0
  let turn = 0
  let writing
  for await (const part of response) {
    for (let from = 0; from < part.length; ) {
      const taken = Math.min(part.length - from, PIECE - used)
      part.copy(pieces[turn], used, from, from + taken)
      used += taken
      from += taken
      if (used < PIECE) continue
      await writing
      writing = file.write(pieces[turn], 0, used, bytes)
      bytes += used
      used = 0
      turn = 1 - turn
    }
  }
  await writing
  await file.write(pieces[turn], 0, used, bytes)
  await file.sync()
  await file.close()
  return { path, bytes: bytes + used }
}

const landed = []
for (const [at, url] of urls.entries()) landed.push(await land(url, join(folder, `landed-${at}`)))
const out = await open(join(folder, 'out'), 'w')
/** An outcome is longer than its result, so a part of each piece is written a second time. */
const again = Number(outBytes) / landed.reduce((sum, { bytes }) => sum + bytes, 0) - 1
let at = 0
let turn = 0
let writing
for (const { path } of landed) {
  const file = await open(path)
  for (;;) {
    const { bytesRead } = await file.read(pieces[turn], 0, PIECE)
    if (bytesRead === 0) break
    await writing
    const [piece, start, more] = [pieces[turn], at, Math.round(bytesRead * again)]
    writing = out.write(piece, 0, bytesRead, start).then(() => out.write(piece, 0, more, start + bytesRead))
    at += bytesRead + more
    turn = 1 - turn
  }
  await file.close()
}
await writing
await out.sync()
await out.close()
process.exit()
