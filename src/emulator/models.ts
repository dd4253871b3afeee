/** The models that the emulator knows, with what their requests may contain. As of 2026-11. */

export interface ModelFacts {
  readonly id: string
  readonly alias?: string
  readonly name: string
  readonly line: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos'
  readonly createdAt: string
  readonly contextTokens: number
  readonly maxTokens: number
  readonly lifecycle: 'active' | 'deprecated' | 'retired'
  readonly deprecatedAt?: string
  readonly retiresAt?: string
  /** Which `thinking.type` it takes. */
  readonly thinking: readonly ('adaptive' | 'enabled' | 'disabled' | 'between_tools')[]
  /** Whether tool_choice may force a tool. */
  readonly forcedTool: boolean
  /** Whether the last message may be the assistant's. */
  readonly prefill: boolean
  /** 300,000 tokens of output with the beta header, in batches only. */
  readonly longOutput: boolean
  /** The tokenizer that needs about a third more tokens for the same text. */
  readonly newTokenizer: boolean
  /** Shorter prefixes are silently not cached. */
  readonly minCachedTokens: number
  readonly maxImageTokens: number
}

const UNKNOWN_DATE = '1970-01-01T00:00:00Z'

const CURRENT = {
  contextTokens: 1_000_000,
  maxTokens: 128_000,
  lifecycle: 'active',
  thinking: ['adaptive', 'disabled'],
  forcedTool: true,
  prefill: false,
  longOutput: true,
  newTokenizer: true,
  minCachedTokens: 1024,
  maxImageTokens: 4784,
} as const
const FABLE = {
  ...CURRENT,
  thinking: ['adaptive'],
  forcedTool: false,
  longOutput: false,
  minCachedTokens: 512,
} as const
const GENERATION_4_5 = {
  contextTokens: 200_000,
  maxTokens: 64_000,
  lifecycle: 'active',
  thinking: ['enabled', 'disabled'],
  forcedTool: true,
  prefill: true,
  longOutput: false,
  newTokenizer: false,
  minCachedTokens: 4096,
  maxImageTokens: 1568,
} as const
const GENERATION_4_6 = {
  ...CURRENT,
  thinking: ['adaptive', 'enabled', 'disabled'],
  newTokenizer: false,
  maxImageTokens: 1568,
} as const

/** Most recent first, as the API lists them. */
export const MODELS: readonly ModelFacts[] = [
  { ...FABLE, id: 'claude-fable-5-2', name: 'Claude Fable 5.2', line: 'fable', createdAt: '2026-11-09T00:00:00Z' },
  { ...FABLE, id: 'claude-mythos-5-2', name: 'Claude Mythos 5.2', line: 'mythos', createdAt: '2026-11-09T00:00:00Z' },
  {
    ...CURRENT,
    id: 'claude-opus-5-5',
    name: 'Claude Opus 5.5',
    line: 'opus',
    createdAt: UNKNOWN_DATE,
    thinking: ['adaptive'],
    forcedTool: false,
  },
  {
    ...CURRENT,
    id: 'claude-sonnet-5-5',
    name: 'Claude Sonnet 5.5',
    line: 'sonnet',
    createdAt: UNKNOWN_DATE,
    thinking: ['adaptive', 'disabled', 'between_tools'],
    forcedTool: false,
  },
  {
    ...CURRENT,
    id: 'claude-haiku-5-5',
    name: 'Claude Haiku 5.5',
    line: 'haiku',
    createdAt: UNKNOWN_DATE,
    minCachedTokens: 512,
  },
  { ...FABLE, id: 'claude-fable-5-1', name: 'Claude Fable 5.1', line: 'fable', createdAt: UNKNOWN_DATE },
  { ...FABLE, id: 'claude-mythos-5-1', name: 'Claude Mythos 5.1', line: 'mythos', createdAt: UNKNOWN_DATE },
  { ...FABLE, id: 'claude-fable-5', name: 'Claude Fable 5', line: 'fable', createdAt: UNKNOWN_DATE, forcedTool: true },
  {
    ...FABLE,
    id: 'claude-mythos-5',
    name: 'Claude Mythos 5',
    line: 'mythos',
    createdAt: UNKNOWN_DATE,
    forcedTool: true,
  },
  {
    ...CURRENT,
    id: 'claude-opus-5',
    name: 'Claude Opus 5',
    line: 'opus',
    createdAt: UNKNOWN_DATE,
    minCachedTokens: 512,
  },
  { ...CURRENT, id: 'claude-sonnet-5', name: 'Claude Sonnet 5', line: 'sonnet', createdAt: UNKNOWN_DATE },
  { ...CURRENT, id: 'claude-opus-4-8', name: 'Claude Opus 4.8', line: 'opus', createdAt: UNKNOWN_DATE },
  {
    ...CURRENT,
    id: 'claude-opus-4-7',
    name: 'Claude Opus 4.7',
    line: 'opus',
    createdAt: UNKNOWN_DATE,
    minCachedTokens: 2048,
  },
  { ...GENERATION_4_6, id: 'claude-sonnet-4-6', name: 'Claude Sonnet 4.6', line: 'sonnet', createdAt: UNKNOWN_DATE },
  {
    ...GENERATION_4_6,
    id: 'claude-opus-4-6',
    name: 'Claude Opus 4.6',
    line: 'opus',
    createdAt: UNKNOWN_DATE,
    minCachedTokens: 4096,
  },
  {
    ...GENERATION_4_5,
    id: 'claude-opus-4-5-20251101',
    alias: 'claude-opus-4-5',
    name: 'Claude Opus 4.5',
    line: 'opus',
    createdAt: '2025-11-01T00:00:00Z',
  },
  {
    ...GENERATION_4_5,
    id: 'claude-haiku-4-5-20251001',
    alias: 'claude-haiku-4-5',
    name: 'Claude Haiku 4.5',
    line: 'haiku',
    createdAt: '2025-10-01T00:00:00Z',
  },
  {
    ...GENERATION_4_5,
    id: 'claude-sonnet-4-5-20250929',
    alias: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    line: 'sonnet',
    createdAt: '2025-09-29T00:00:00Z',
    lifecycle: 'deprecated',
    deprecatedAt: UNKNOWN_DATE,
    retiresAt: '2026-11-30T00:00:00Z',
    minCachedTokens: 1024,
  },
  ...(
    [
      ['claude-opus-4-1-20250805', 'claude-opus-4-1', 'Claude Opus 4.1', 'opus', '2026-08-05'],
      ['claude-opus-4-20250514', 'claude-opus-4-0', 'Claude Opus 4', 'opus', '2026-06-15'],
      ['claude-sonnet-4-20250514', 'claude-sonnet-4-0', 'Claude Sonnet 4', 'sonnet', '2026-06-15'],
      ['claude-3-haiku-20240307', undefined, 'Claude Haiku 3', 'haiku', '2026-04-20'],
      ['claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest', 'Claude Sonnet 3.7', 'sonnet', '2026-02-19'],
      ['claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest', 'Claude Haiku 3.5', 'haiku', '2026-02-19'],
      ['claude-3-opus-20240229', 'claude-3-opus-latest', 'Claude Opus 3', 'opus', '2026-01-05'],
      ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-latest', 'Claude Sonnet 3.5', 'sonnet', '2025-10-28'],
    ] as const
  ).map(([id, alias, name, line, retired]) => ({
    ...GENERATION_4_5,
    ...(alias === undefined ? {} : { alias }),
    id,
    name,
    line,
    createdAt: `${id.slice(-8, -4)}-${id.slice(-4, -2)}-${id.slice(-2)}T00:00:00Z`,
    lifecycle: 'retired' as const,
    deprecatedAt: UNKNOWN_DATE,
    retiresAt: `${retired}T00:00:00Z`,
  })),
]

const BY_NAME = new Map(
  MODELS.flatMap((model) => [model.id, ...(model.alias === undefined ? [] : [model.alias])].map((id) => [id, model])),
)

/** By id or alias; undefined where there is none of this name. */
export function findModel(name: string): ModelFacts | undefined {
  return BY_NAME.get(name)
}

/** A deprecated model is retired once its day has come. */
export function lifecycleOf(model: ModelFacts, nowMs: number): ModelFacts['lifecycle'] {
  const isOver = model.retiresAt !== undefined && nowMs >= Date.parse(model.retiresAt)
  return isOver ? 'retired' : model.lifecycle
}
