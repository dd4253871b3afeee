// The limit of landing and delivery: their bytes moved and made durable, and not one of them looked at.
// node moved-bytes.mjs FOLDER OUT_BYTES URL… — each URL's body to a file, then as many bytes from these files to one file.
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'

const PIECE = 1 << 19
const [folder, outBytes, ...urls] = process.argv.slice(2)

/** Two pieces of memory: one is filled while the other is written. */
class Writer {
  #file
  #pieces = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]
  #used = 0
  #writing = Promise.resolve()
  bytes = 0

  constructor(file) {
    this.#file = file
  }

  async add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, PIECE - this.#used)
      bytes.copy(this.#pieces[0], this.#used, at, at + taken)
      this.#used += taken
      at += taken
      if (this.#used === PIECE) await this.#flush()
    }
  }

  async #flush() {
    await this.#writing
    this.#writing = this.#file.write(this.#pieces[0], 0, this.#used, this.bytes)
    this.bytes += this.#used
    this.#pieces.reverse()
    this.#used = 0
  }

  async end() {
    await this.#flush()
    await this.#writing
    await this.#file.sync()
    await this.#file.close()
  }
}

const landed = []
for (const [at, url] of urls.entries()) {
  const [response] = await once(get(url), 'response')
  const path = join(folder, `landed-${at}`)
  const writer = new Writer(await open(path, 'w'))
  for await (const piece of response) await writer.add(piece)
  await writer.end()
  landed.push({ path, bytes: writer.bytes })
}
const total = landed.reduce((sum, { bytes }) => sum + bytes, 0)
const out = new Writer(await open(join(folder, 'out'), 'w'))
const memory = Buffer.allocUnsafeSlow(PIECE)
let owed = 0
for (const { path } of landed) {
  const file = await open(path)
  for (;;) {
    const { bytesRead } = await file.read(memory, 0, PIECE)
    if (bytesRead === 0) break
    for (owed += bytesRead * (Number(outBytes) / total); owed > 0; owed -= bytesRead) {
      await out.add(memory.subarray(0, Math.min(bytesRead, Math.ceil(owed))))
    }
    owed = Math.max(0, owed)
  }
  await file.close()
}
await out.end()
