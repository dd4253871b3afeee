/** What must hold between the keys of a job, and better words for what the schema can only refuse. */

import type { Rule } from './rule.ts'
import { matrixNames, pollRange, roomToGrow, sinkPaths, whereIsExpression } from './rules-data.ts'
import {
  citationsOrStructured,
  documentKeys,
  documentKinds,
  outputParams,
  promptOrMessages,
  reservedParams,
  textKinds,
  toolForms,
  toolNames,
} from './rules-prompt.ts'

export const RULES: readonly Rule[] = [
  promptOrMessages,
  textKinds,
  documentKinds,
  documentKeys,
  citationsOrStructured,
  toolForms,
  toolNames,
  reservedParams,
  outputParams,
  roomToGrow,
  pollRange,
  whereIsExpression,
  matrixNames,
  sinkPaths,
]
