// A model as the Models API shows it.

import type { JsonObject } from '../core/json.ts'
import { lifecycleOf, type ModelFacts } from './models.ts'

export function modelInfo(model: ModelFacts, nowMs: number): JsonObject {
  const is = (supported: boolean) => ({ supported })
  const thinks = (type: ModelFacts['thinking'][number]) => is(model.thinking.includes(type))
  const isCurrent = model.contextTokens > 200_000
  return {
    id: model.id,
    type: 'model',
    display_name: model.name,
    created_at: model.createdAt,
    lifecycle: lifecycleOf(model, nowMs),
    deprecated_at: model.deprecatedAt ?? null,
    retires_at: model.retiresAt ?? null,
    line: model.line,
    max_input_tokens: model.contextTokens,
    max_tokens: model.maxTokens,
    capabilities: {
      batch: is(true),
      citations: is(true),
      code_execution: is(isCurrent),
      context_management: {
        supported: true,
        clear_thinking_20251015: is(true),
        clear_tool_uses_20250919: is(true),
        compact_20260112: is(isCurrent),
      },
      effort: {
        supported: isCurrent,
        low: is(isCurrent),
        medium: is(isCurrent),
        high: is(isCurrent),
        xhigh: is(isCurrent),
        max: is(isCurrent),
      },
      image_input: is(true),
      pdf_input: is(true),
      server_tools: { supported: true, code_execution: is(true), web_search: is(true) },
      structured_outputs: is(!model.id.startsWith('claude-3')),
      thinking: {
        supported: true,
        types: {
          adaptive: thinks('adaptive'),
          between_tools: thinks('between_tools'),
          disabled: thinks('disabled'),
          enabled: thinks('enabled'),
        },
      },
    },
  }
}
