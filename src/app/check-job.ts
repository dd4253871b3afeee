// Everything that can be said of a job without looking at its data: templates, provider, model, sinks' templates.

import { type Problem, UserError } from '../core/errors.ts'
import type { Job, TemplateText } from '../core/job.ts'
import type { Loaded } from '../job/load.ts'
import { compileJob } from '../prompt/job-templates.ts'
import { createTemplates } from '../prompt/template.ts'
import { providerOf } from './component.ts'

/** Throws one UserError with all problems, each with its place. */
export function checkJob(loaded: Loaded, today: Date): void {
  const { job } = loaded
  const problems = [...problemsOf(() => compileJob(job)), ...otherTemplates(job), ...providerOf(job).check(job, today)]
  if (problems.length > 0) throw new UserError(loaded.place(problems))
}

/** What is wrong with one template as a template. */
export function checkTemplate(text: TemplateText, partials: Job['partials']): readonly Problem[] {
  return problemsOf(() => createTemplates(partials).compile(text))
}

/** Templates beside the prompt's own: the key and what sinks render. */
function otherTemplates(job: Job): Problem[] {
  const templates = createTemplates(job.partials)
  const texts = [job.dataset.key, ...job.sinks.map((sink) => sink.template)]
  return texts.flatMap((text) => (text === undefined ? [] : problemsOf(() => templates.compile(text))))
}

function problemsOf(check: () => unknown): readonly Problem[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
}
