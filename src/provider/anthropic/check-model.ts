// Whether the model exists, is still answered for, and is spelled as the API spells it.

import type { Problem } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { nearest } from '../../core/nearest.ts'
import { quoted } from '../../core/phrase.ts'
import { findModel, MODELS } from './models.ts'

export function checkModel(job: Job, today: Date): Problem[] {
  const model = findModel(job.model)
  if (model === undefined) return checkUnknown(job)
  const day = today.toISOString().slice(0, 10)
  const isGone = model.state === 'retired' || (model.retiresOn !== undefined && model.retiresOn <= day)
  if (!isGone) return []
  const message = `The model ${job.model} was retired on ${model.retiresOn}; every request would be answered with an error.`
  return [{ path: '/model', message, ...(model.successor ? { hint: `Use ${model.successor} instead.` } : {}) }]
}

/** A model that is younger than this table must pass; a slip of the pen must not cost a day. */
function checkUnknown({ model, prices }: Job): Problem[] {
  if (Object.hasOwn(prices ?? {}, model) || isNewer(model)) return []
  const undated = model.replace(/-\d{8}$/, '')
  const known = MODELS.filter((candidate) => candidate.state !== 'retired')
  const names = known.flatMap((candidate) => [candidate.id, ...candidate.aliases])
  const meant = names.includes(undated) ? undated : nearest(model, names)
  if (meant === undefined) return []
  return [
    {
      path: '/model',
      message: `There is no model ${quoted(model)}. Did you mean "${meant}"?`,
      hint: 'If it is newer than this package, say what it costs under "prices", and it is taken as it is.',
    },
  ]
}

/** claude-opus-6 and claude-haiku-5-6 are later members of families that we know. */
function isNewer(id: string): boolean {
  const wanted = versionOf(id)
  if (wanted === undefined) return false
  const family = MODELS.map((model) => versionOf(model.id)).filter((version) => version?.family === wanted.family)
  return family.length > 0 && family.every((version) => (version?.number ?? 0) < wanted.number)
}

function versionOf(id: string): { family: string; number: number } | undefined {
  const [, family, major, minor] = /^claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?$/.exec(id) ?? []
  return family === undefined ? undefined : { family, number: Number(major) * 100 + Number(minor ?? 0) }
}
