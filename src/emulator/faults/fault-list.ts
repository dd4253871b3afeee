// The rules in force, and which of them is used: the first that fits. What is drawn depends on the seed alone.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../../core/errors.ts'
import { canonicalJson, type Json } from '../../core/json.ts'
import { writeAtomically } from '../../disk/atomic-file.ts'
import type { CallCounts, CallName } from '../state/calls.ts'
import { seededUnit } from '../state/seeded.ts'
import type { CallFault, FaultRule, RequestFault } from './fault.ts'
import { readFaults } from './read-faults.ts'

/** The list as it was given, and the calls that had been before it: `nth` counts from there, also after a restart. */
interface StoredFaults {
  readonly list: Json
  readonly callsBefore: Readonly<Record<string, number>>
}

export interface FaultedRequest {
  /** Of everything asked. */
  readonly content: Buffer
  /** How often its first user message was tried, this time included. */
  readonly attempt: number
  /** Its place in the batch, from 1. */
  readonly position: number
  /** What `match` is tried on; called once at most. */
  text(): string
}

export class FaultList {
  readonly #path: string
  readonly #seed: number
  readonly #calls: CallCounts
  #rules: readonly FaultRule[] = []
  #callsBefore: Readonly<Record<string, number>> = {}

  private constructor(path: string, seed: number, calls: CallCounts) {
    this.#path = path
    this.#seed = seed
    this.#calls = calls
  }

  /** `given`: the list to begin with; undefined: the one that was in force before. Throws UserError. */
  static async open(stateDir: string, seed: number, calls: CallCounts, given: Json | undefined): Promise<FaultList> {
    const faults = new FaultList(join(stateDir, 'faults.json'), seed, calls)
    const stored = await readStored(faults.#path)
    if (stored !== undefined && (given === undefined || canonicalJson(given) === canonicalJson(stored.list))) {
      faults.#rules = readFaults(stored.list)
      faults.#callsBefore = stored.callsBefore
    } else if (given !== undefined) await faults.replace(given)
    return faults
  }

  get size(): number {
    return this.#rules.length
  }

  /** Resolved = on disk. Throws UserError and changes nothing when the list is wrong. */
  async replace(list: Json): Promise<void> {
    const rules = readFaults(list)
    const callsBefore = { ...this.#calls.counts }
    await writeAtomically(this.#path, JSON.stringify({ list, callsBefore } satisfies StoredFaults))
    this.#rules = rules
    this.#callsBefore = callsBefore
  }

  /** `number`: which call of its kind it is, over all lives. `text`: what `match` is tried on. */
  forCall(name: CallName, number: number, text: string): CallFault | undefined {
    const nth = number - (this.#callsBefore[name] ?? 0) + this.#otherFileCalls(name)
    const on = name === 'files_read' ? 'files' : name
    for (const [place, rule] of this.#rules.entries()) {
      if (rule.on !== on) continue
      if (rule.nth !== undefined && !rule.nth.includes(nth)) continue
      if (rule.rate !== undefined && seededUnit('call', this.#seed, place, name, nth) >= rule.rate) continue
      if (rule.match !== undefined && !rule.match.test(text)) continue
      return rule.do as CallFault
    }
    return undefined
  }

  /** Calls that read files are counted apart from those that change them; rules on `files` speak of both. */
  #otherFileCalls(name: CallName): number {
    const other = name === 'files' ? 'files_read' : name === 'files_read' ? 'files' : undefined
    return other === undefined ? 0 : this.#calls.counts[other] - (this.#callsBefore[other] ?? 0)
  }

  /** Whether a call or request must be read before its fault is known. */
  matchesText(on: CallName | 'request'): boolean {
    const named = on === 'files_read' ? 'files' : on
    return this.#rules.some((rule) => rule.on === named && rule.match !== undefined)
  }

  forRequest(request: FaultedRequest): RequestFault | undefined {
    let text: string | undefined
    for (const [place, rule] of this.#rules.entries()) {
      if (rule.on !== 'request') continue
      if (rule.nth !== undefined && !rule.nth.includes(request.position)) continue
      if (rule.attempts !== undefined && request.attempt > rule.attempts) continue
      if (rule.rate !== undefined) {
        const draw = seededUnit('request', this.#seed, place, request.content.toString('hex'), request.attempt)
        if (draw >= rule.rate) continue
      }
      if (rule.match !== undefined) {
        text ??= request.text()
        if (!rule.match.test(text)) continue
      }
      return rule.do
    }
    return undefined
  }
}

async function readStored(path: string): Promise<StoredFaults | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StoredFaults
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** JSON or, where there is a reader for it, YAML. Throws UserError. */
export function parseFaults(text: string, parseYaml: ((text: string) => Json) | undefined): Json {
  try {
    return JSON.parse(text) as Json
  } catch (notJson) {
    if (parseYaml === undefined) throw new UserError(`The faults are not valid JSON: ${messageOf(notJson)}.`)
    try {
      return parseYaml(text)
    } catch (notYaml) {
      throw new UserError(`The faults are neither valid JSON nor valid YAML: ${messageOf(notYaml)}`)
    }
  }
}
