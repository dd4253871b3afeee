// What a person can do about a class of failures: one sentence.

import type { Status } from '../core/result.ts'

export function advice(status: Status, type: string, run: string): string {
  return BY_TYPE[type] ?? BY_STATUS[status](run)
}

const BY_TYPE: Readonly<Record<string, string>> = {
  document_changed: 'Put the document back as it was when the run was planned, or plan the job again with --new.',
  missing_result: 'The provider’s results hold no line for these rows; retry asks them again.',
  empty_answer: 'The model said nothing: look at a row’s request, and ask more plainly what is to be written.',
  authentication_error: 'The provider refused the key. Check it, then retry.',
  permission_error: 'The key may not use this model or feature. Ask the owner of the workspace, then retry.',
  billing_error: 'The account cannot be charged. Settle that with the provider, then retry.',
  not_found_error: 'Something that the request names is not there: check the model and file ids in the job.',
  invalid_request_error:
    'The provider would refuse the same requests again: read the messages, and correct the job or these rows.',
  request_too_large: 'Split these rows’ documents, or send fewer pages of them.',
}

const BY_STATUS: Readonly<Record<Status, (run: string) => string>> = {
  succeeded: () => '',
  incomplete: () =>
    'Give the answers more room (params.max_tokens, retry.truncated) or the conversation more rounds (max_rounds), then run again.',
  refused: () =>
    'The model declined. Read a refused row, and change what is asked or leave such rows out with dataset.where.',
  invalid: () =>
    'The answers break the output schema. Loosen the schema, describe its fields better, or allow more repairs (output.repair).',
  errored: (run) => `Read the messages. What was temporary goes away with: batchwright retry ${run}`,
  expired: (run) => `The provider did not get to them within its time. Ask again with: batchwright retry ${run}`,
  canceled: (run) => `They were cancelled before they were answered. Ask again with: batchwright retry ${run}`,
  rejected: () => 'These rows never left: their own check failed at planning. Correct the rows and run the job again.',
}
