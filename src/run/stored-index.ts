/**
 * The index of a landed file, kept beside it: whoever delivers, exports or looks need not read all the results for it.
 * It may always be missing, and is made again from the file then.
 *
 *     the columns of ResultIndex, as they lie in memory ⇥ facts (JSON) ⇥ bytes of the facts (4)
 */
import { runFiles } from '../core/names.ts'
import type { Landed } from './landing.ts'
import type { RunContext } from './ports.ts'
import { type IndexFacts, ResultIndex } from './result-index.ts'

type Place = { readonly index: number; readonly attempt: number }
type StoreContext = Pick<RunContext, 'artifacts' | 'header'>

interface StoredFacts extends IndexFacts {
  /** Of the format, and of what counts as plain: another number is another index. */
  readonly version: 2
  /** How this machine orders the bytes of a number. */
  readonly order: number
  /** Bytes of the landed file. */
  readonly bytes: number
}

const VERSION = 2
const ORDER = new Uint8Array(new Uint32Array([1]).buffer)[0] as number
const LENGTH_BYTES = 4
const MAX_BYTES = 64_000_000

export async function storeIndex({ artifacts, header }: StoreContext, at: Place, landed: Landed): Promise<void> {
  const { index, bytes } = landed
  if (ResultIndex.bytesOf(index.size) > MAX_BYTES) return
  const facts: StoredFacts = { version: VERSION, order: ORDER, bytes, ...index.facts }
  const text = Buffer.from(JSON.stringify(facts))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.length)
  const file = await artifacts.create(header.run, runFiles.resultIndex(at.index, at.attempt))
  try {
    await file.write(Buffer.from(index.memory, 0, ResultIndex.bytesOf(index.size)))
    await file.write(Buffer.concat([text, length]))
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}

/** undefined: there is none of this landed file. @param size requests that travelled */
export async function readIndex(
  { artifacts, header }: StoreContext,
  at: Place,
  size: number,
): Promise<Landed | undefined> {
  const name = runFiles.resultIndex(at.index, at.attempt)
  const stored = await artifacts.size(header.run, name)
  if (stored === undefined || stored <= LENGTH_BYTES) return undefined
  const reader = await artifacts.open(header.run, name)
  try {
    const read = await reader.read(0, stored)
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength)
    const end = stored - LENGTH_BYTES
    const start = end - bytes.readUInt32LE(end)
    if (start < 0) return undefined
    const facts = factsIn(bytes.toString('utf8', start, end))
    const isOfFile = facts?.bytes === (await artifacts.size(header.run, runFiles.results(at.index, at.attempt)))
    if (facts === undefined || !isOfFile) return undefined
    if (start !== ResultIndex.bytesOf(size)) return undefined
    const index = ResultIndex.of(size, memoryOf(bytes), facts)
    return { index, missing: size - index.found, bytes: facts.bytes }
  } finally {
    await reader.close()
  }
}

/** Before other results are landed: an index never stands beside a file that it was not made from. */
export function removeIndex({ artifacts, header }: StoreContext, at: Place): Promise<void> {
  return artifacts.remove(header.run, runFiles.resultIndex(at.index, at.attempt))
}

/** The bytes as memory whose numbers can be read in place: their own, where they have it to themselves. */
function memoryOf(bytes: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  const isAlone = byteOffset === 0 && byteLength === buffer.byteLength
  return (isAlone ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer
}

function factsIn(text: string): StoredFacts | undefined {
  try {
    const facts = JSON.parse(text) as StoredFacts
    return facts.version === VERSION && facts.order === ORDER ? facts : undefined
  } catch {
    return undefined
  }
}
